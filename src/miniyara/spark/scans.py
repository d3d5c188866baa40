"""Scans as transformations of data frames: nothing is read before Spark is asked for rows."""

from __future__ import annotations

import hashlib
import io
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from miniyara.errors import Error
from miniyara.scanning.arguments import int_argument
from miniyara.spark.worker import Scan, SharedRules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame, SparkSession

    from miniyara.scanning.rules import Rules

_FIELDS: Final = (
    "rule string, namespace string, tags array<string>, meta map<string, string>, strings"
    " array<struct<identifier string, offset bigint, length int, data binary, xor_key int>>,"
    " error string"
)

HIT: Final = f"struct<{_FIELDS}>"
"""The type of a hit.

``rule``, ``namespace``, ``tags``, ``meta`` (all values as text) and ``strings`` are those of the
rule that matched.  Of each string the first 16 places are there, and up to 64 bytes of each, with
``offset`` and ``length`` in bytes.  Where the data could not be scanned, ``error`` says why, and
all others are null.
"""

FILE_HITS: Final = f"path string, length bigint, modified timestamp, sha256 string, {_FIELDS}"
"""The columns of what :func:`scan_files` returns: a file, and the fields of :data:`HIT`."""

MAX_SIZE: Final = 32 * 1024 * 1024
"""Bytes of a file above which it is not scanned, unless another number is given.

Spark hands over up to 100 rows at once, so this bounds the memory of a worker.
"""


def scan_files(
    spark: SparkSession,
    paths: str | Sequence[str],
    rules: Rules,
    *,
    pattern: str | None = None,
    max_size: int = MAX_SIZE,
    timeout: int = 60,
) -> DataFrame:
    """Scan files, and return a data frame of the columns :data:`FILE_HITS`.

    ``paths``: files, folders with all that is below them, and globs, of any file system that
    Spark reads.  ``pattern``: a glob that the name of a file must match.
    ``max_size``: bytes above which a file is not scanned.  ``timeout``: seconds for each file;
    0 means none.

    There is a row for each hit, and one for each file that could not be read or scanned, was
    too large or took too long.  Files that nothing is to be said of have none, nor has a file
    that is gone before it is its turn; empty files are not seen by Spark.

    Raises :class:`miniyara.Error` if pyspark is missing, and what Spark raises if a path does
    not exist.
    """
    functions = _functions()
    reader = spark.read.format("binaryFile").option("recursiveFileLookup", value=True)
    # A file that is gone or broken would end the job; it is missed below.
    reader = reader.option("ignoreCorruptFiles", value=True)
    reader = reader.option("ignoreMissingFiles", value=True)
    if pattern is not None:
        reader = reader.option("pathGlobFilter", pattern)
    files = reader.load([paths] if isinstance(paths, str) else list(paths))
    column = functions.col
    is_small = column("length") <= max_size
    scan = _scan(spark, rules, timeout).file
    found = functions.udf(scan, f"struct<sha256 string, hits array<{HIT}>>", useArrow=False)
    scanned = files.where(is_small).select("path", found("content").alias("found"))
    missed = functions.when(
        column("found").isNull(),
        functions.when(is_small, "could not be read").otherwise(f"larger than {max_size} bytes"),
    )
    return (
        files.select("path", "length", column("modificationTime").alias("modified"))
        .join(scanned, "path", "left")
        .select("*", missed.alias("missed"), functions.explode_outer("found.hits").alias("hit"))
        .select("path", "length", "modified", "found.sha256", "hit.*", "missed")
        .withColumn("error", functions.coalesce("error", "missed"))
        .drop("missed")
        .where("rule IS NOT NULL OR error IS NOT NULL")
    )


def scan_column(frame: DataFrame, column: str, rules: Rules, *, timeout: int = 60) -> DataFrame:
    """Scan a column of text or binary data.

    Returns the columns of ``frame`` and ``hit``, of the type :data:`HIT`, with a row for
    each hit and for each value that could not be scanned.  Text is scanned as UTF-8; null
    has no hits.  ``timeout``: seconds for each value; 0 means none.

    Raises :class:`miniyara.Error` if pyspark is missing or the column is of another type.
    """
    functions = _functions()
    kind = frame.select(column).schema[0].dataType.simpleString()
    if kind not in {"string", "binary"}:
        raise Error(f'the column "{column}" is of type {kind}, not string or binary')
    scan = _scan(frame.sparkSession, rules, timeout).hits
    hits = functions.udf(scan, f"array<{HIT}>", useArrow=False)
    return frame.select("*", functions.explode(hits(column)).alias("hit"))


def _scan(spark: SparkSession, rules: Rules, timeout: int) -> Scan:
    file = io.BytesIO()
    rules.save(file=file)
    saved = file.getvalue()
    digest = hashlib.sha256(saved).hexdigest()
    return Scan(SharedRules(digest, spark.sparkContext.broadcast(saved)), int_argument(timeout))


def _functions() -> Any:
    try:
        return import_module("pyspark.sql.functions")
    except ImportError as error:
        raise Error("Spark needs pyspark: pip install 'miniyara[spark]'") from error
