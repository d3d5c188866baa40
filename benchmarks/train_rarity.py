"""Train the table by which search chooses the rarest bytes of a string to look for.

    python benchmarks/train_rarity.py FOLDER [--download]

counts pairs of bytes, and the most common four bytes in a row, in the files of the
wheels in ``FOLDER`` and writes ``src/miniyara/patterns/rarity.bin``.  With ``--download``
the wheels that the table in this repository was trained on are downloaded first:
programs and libraries for Windows, Linux and macOS, .NET assemblies, scripts, web
pages, data and text.  Needs numpy, half a gigabyte of memory and some minutes.

Each sort of file has the same weight, so that no format rules the table because its
files are large.  Case is folded as search folds it, see ``patterns/rarity.py``.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import zipfile
from collections import Counter, defaultdict
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

TARGET: Final = Path(__file__).parents[1] / "src" / "miniyara" / "patterns" / "rarity.bin"

WHEELS: Final = (
    ("pywin32==312", "win32"),
    ("pywin32==312", "win_amd64"),
    ("numpy==2.0.2", "win_amd64"),
    ("numpy==2.0.2", "manylinux2014_x86_64"),
    ("numpy==2.0.2", "macosx_11_0_arm64"),
    ("lxml==6.1.3", "win32"),
    ("lxml==6.1.3", "manylinux2014_aarch64"),
    ("pythonnet==3.2.1", "any"),
    ("distlib==0.4.4", "any"),
    ("babel==2.18.0", "any"),
    ("bokeh==3.9.2", "any"),
    ("django==5.2.19", "any"),
    ("docutils==0.23", "any"),
    ("notebook==7.6.5", "any"),
)
"""Requirement and platform of each wheel."""

SORTS: Final = {
    "machine code": {".dll", ".exe", ".pyd", ".so", ".dylib", ".lib", ".a"},
    "scripts": {".py", ".js", ".mjs", ".bat", ".ps1", ".pyi"},
    "text": {".txt", ".html", ".css", ".json", ".md", ".rst", ".po", ".svg", ".h"},
    "data": {".dat", ".mo", ".pyc", ".chm", ".woff2", ".png", ".npy"},
}
"""Sorts of files by suffix; the wheels themselves are a fifth: compressed data."""


COMMON: Final = 1 << 18
"""What is at fewer places than one of so many is rare, whatever its bytes are."""

BATCH: Final = 1 << 24
"""Bytes whose grams are counted together."""

BUCKET_BITS: Final = 24
"""Grams are counted in 2^24 buckets at first, and one by one in those that are full."""


def download(folder: Path) -> None:
    """Download the wheels."""
    for requirement, platform in WHEELS:
        options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--python-version", "3.11"]
        command = [sys.executable, "-m", "pip", "download", *options]
        subprocess.run(  # noqa: S603 - nothing in it comes from outside
            [*command, "--platform", platform, "--dest", str(folder), requirement],
            check=True,
        )


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the sort and the bytes of every file in the wheels and of the wheels themselves."""
    sort_of = {suffix: sort for sort, suffixes in SORTS.items() for suffix in suffixes}
    for wheel in sorted(folder.glob("*.whl")):
        yield "compressed", wheel.read_bytes()
        with zipfile.ZipFile(wheel) as archive:
            for name in sorted(archive.namelist()):
                sort = sort_of.get(PurePosixPath(name).suffix)
                if sort is not None:
                    yield sort, archive.read(name)


def batches(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the contents, files of a sort one after another."""
    waiting: defaultdict[str, list[bytes]] = defaultdict(list)
    sizes: Counter[str] = Counter()
    for sort, data in contents(folder):
        waiting[sort].append(data)
        sizes[sort] += len(data)
        if sizes[sort] >= BATCH:
            yield sort, b"".join(waiting.pop(sort))
            del sizes[sort]
    for sort, files in waiting.items():
        yield sort, b"".join(files)


def counted(data: bytes) -> NDArray[np.int64]:
    """Count the pairs of neighbouring bytes in data."""
    values = np.frombuffer(data, np.uint8).astype(np.uint16)
    return np.bincount(values[:-1] << 8 | values[1:], minlength=1 << 16)


def folded(pairs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add up the pairs that folding makes equal; returns 128 by 128 probabilities."""
    # Axes: upper two bits, the bit that folding sets, lower five bits; twice.
    added: NDArray[np.float64] = pairs.reshape(4, 2, 32, 4, 2, 32).sum(axis=(1, 4))
    return added.reshape(128, 128)


def bits(probabilities: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return probabilities as eighths of a bit of information."""
    eighths: NDArray[np.float64] = np.rint(-8 * np.log2(np.maximum(probabilities, 2.0**-31)))
    return np.clip(eighths, 0, 255).astype(np.uint8)


def words(data: bytes) -> NDArray[np.uint32]:
    """Return all four bytes in a row, folded."""
    found: NDArray[np.uint32] = np.ndarray((len(data) - 3,), "<u4", data, strides=(1,))
    folded_words: NDArray[np.uint32] = found | np.uint32(0x20202020)
    return folded_words


def buckets(grams: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the bucket in which each gram is counted at first."""
    found: NDArray[np.uint32] = grams * np.uint32(2654435761) >> np.uint32(32 - BUCKET_BITS)
    return found


def common_grams(folder: Path) -> dict[int, float]:
    """Return the four bytes in a row that are at every :data:`COMMON`-th place or more often."""
    shares: NDArray[np.float32] = np.zeros(1 << BUCKET_BITS, np.float32)
    sizes: Counter[str] = Counter()
    for sort, data in batches(folder):
        sizes[sort] += len(data)
    weights = {sort: 1 / size / len(sizes) for sort, size in sizes.items()}
    for sort, data in batches(folder):
        if len(data) > 3:
            counts = np.bincount(buckets(words(data)), minlength=1 << BUCKET_BITS)
            shares += (counts * weights[sort]).astype(np.float32)
    is_common = shares >= 1 / COMMON
    exact: defaultdict[int, float] = defaultdict(float)
    for sort, data in batches(folder):
        if len(data) > 3:
            grams = words(data)
            found, counts = np.unique(grams[is_common[buckets(grams)]], return_counts=True)
            for gram, count in zip(found.tolist(), counts.tolist(), strict=True):
                exact[gram] += count * weights[sort]
    return {gram: share for gram, share in sorted(exact.items()) if share >= 1 / COMMON}


def train(folder: Path) -> bytes:
    """Return the table: 128 single bytes, 128 times 128 pairs, then grams of 5 bytes each."""
    counts: defaultdict[str, NDArray[np.float64]] = defaultdict(lambda: np.zeros(1 << 16))
    for sort, data in contents(folder):
        if len(data) > 1:
            counts[sort] += counted(data)
    shares = [count / count.sum() for count in counts.values()]
    pairs = folded(np.mean(shares, axis=0))
    grams = common_grams(folder)
    rarities = bits(np.array(list(grams.values())))
    common = b"".join(
        gram.to_bytes(4, "little") + bytes((rarity,))
        for gram, rarity in zip(grams, rarities.tolist(), strict=True)
    )
    return bits(pairs.sum(axis=1)).tobytes() + bits(pairs).tobytes() + common


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of wheels")
    parser.add_argument("--download", action="store_true", help="download the wheels first")
    options = parser.parse_args()
    if options.download:
        download(options.folder)
    TARGET.write_bytes(train(options.folder))


if __name__ == "__main__":
    main()
