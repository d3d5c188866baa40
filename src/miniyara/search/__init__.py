"""Search: from patterns and bytes to lazy hits."""

from __future__ import annotations

from miniyara.search.searcher import Search, Searcher, SearchString

__all__ = ["Search", "SearchString", "Searcher"]
