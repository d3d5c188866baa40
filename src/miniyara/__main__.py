"""``python -m miniyara``: the same as the command ``miniyara``."""

from __future__ import annotations

import sys

from miniyara.command import main

if __name__ == "__main__":
    sys.exit(main())
