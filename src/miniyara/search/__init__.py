"""Search: from patterns and bytes to lazy hits."""

from __future__ import annotations

from miniyara.search.search import Search
from miniyara.search.searcher import Searcher, SearchString

__all__ = ["Search", "SearchString", "Searcher"]
