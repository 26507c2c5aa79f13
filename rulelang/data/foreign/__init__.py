"""The files that exchanges, libraries and vendors give: which format one is, and what stands in it."""

from rulelang.data.foreign.formats import FORMATS
from rulelang.data.foreign.opening import canonical, foreign_table, opened
from rulelang.data.foreign.record import Asked, Format, Kind, Opened

__all__ = ["FORMATS", "Asked", "Format", "Kind", "Opened", "canonical", "foreign_table", "opened"]
