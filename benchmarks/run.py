"""Compare YARA engines: ``python benchmarks/run.py --rules DIR --samples DIR``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.compare import main

if __name__ == "__main__":
    sys.exit(main())
