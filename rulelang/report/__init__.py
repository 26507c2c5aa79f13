"""Reports: a backtest as one page of HTML that needs no network."""

from rulelang.report.page import Picture, picture
from rulelang.report.reasons import NEWEST, Reasons, newest, reasons

__all__ = ["NEWEST", "Picture", "Reasons", "newest", "picture", "reasons"]
