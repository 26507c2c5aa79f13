"""Readers of the files users have: what each value is, when it became known, and what was wrong with it."""

from rulelang.data.calendars import Calendar
from rulelang.data.checkup import Checkup, Finding, checked
from rulelang.data.errors import CODES, DataError
from rulelang.data.foreign import FORMATS, Asked
from rulelang.data.importing import Imported, imported
from rulelang.data.reader import Market, read, read_calendars
from rulelang.data.report import FileReport, Report
from rulelang.data.request import FileSpec, Mapping_, Need, Request, Stamp, parse_map, parse_spec
from rulelang.data.stream import Stream, data_lines, stream
from rulelang.data.tables import sniffed
from rulelang.data.writing import ParquetRows

__all__ = [
    "CODES",
    "FORMATS",
    "Asked",
    "Calendar",
    "Checkup",
    "DataError",
    "FileReport",
    "FileSpec",
    "Finding",
    "Imported",
    "Mapping_",
    "Market",
    "Need",
    "ParquetRows",
    "Report",
    "Request",
    "Stamp",
    "Stream",
    "checked",
    "data_lines",
    "imported",
    "parse_map",
    "parse_spec",
    "read",
    "read_calendars",
    "sniffed",
    "stream",
]
