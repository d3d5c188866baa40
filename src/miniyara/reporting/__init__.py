"""Reporting: the events of a scan as text for people, and as JSON, CSV and SARIF for programs."""

from __future__ import annotations

from miniyara.reporting.ndjson import JsonReport, NdjsonReport
from miniyara.reporting.sarif import SarifReport
from miniyara.reporting.table import CsvReport

__all__ = ["CsvReport", "JsonReport", "NdjsonReport", "SarifReport"]
