"""Hunting: what a scan of many files found, as records that can be handed on.

A :class:`HitRecord` is one rule that matched one file, with what an analyst asks next:
what the file is, whose it is, and whether an exclusion says that the hit is known good.
"""

from miniyara.hunting.record import FileFacts, FoundString, HitRecord, Suppression

__all__ = ["FileFacts", "FoundString", "HitRecord", "Suppression"]
