"""Rules over files and columns on a cluster of Spark (extra ``spark``).

::

    from miniyara.spark import scan_column, scan_files

    hits = scan_files(spark, "abfss://evidence@lake.dfs.core.windows.net/host7/", rules)
    hits = scan_column(events, "CommandLine", rules)

Nothing has to be compiled: the workers need Python and this package, which they can be sent.
"""

from miniyara.spark.scans import FILE_HITS, HIT, MAX_SIZE, scan_column, scan_files

__all__ = ["FILE_HITS", "HIT", "MAX_SIZE", "scan_column", "scan_files"]
