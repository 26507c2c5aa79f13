"""The record of a page, and the little world in which its examples are checked."""

from collections.abc import Mapping

from attrs import frozen

from rulelang.text.diagnostic import Severity


@frozen
class Page:
    """What there is to know about one code.

    `page`: in plain words what it is about, why it matters and how to repair it. `mistake`: a small rule file that gets
    this diagnostic and no other, empty where none can show it. `repair`: the same file mended; it gets none.
    """

    code: str
    severity: Severity
    title: str
    page: str
    mistake: str = ""
    repair: str = ""


NOW = 1_767_225_600
"""The time at which examples are checked: 2026-01-01T00:00Z, in seconds since 1970."""

FILES: Mapping[str, str] = {"base.rules": "bars 1h\nlet trend = sma(close, 200)@1d\n"}
"""The files that examples may use, by path."""


def error(code: str, title: str, page: str, mistake: str = "", repair: str = "") -> Page:
    """Return the page of an error."""
    return Page(code, Severity.ERROR, title, page, mistake, repair)


def warning(code: str, title: str, page: str, mistake: str = "", repair: str = "") -> Page:
    """Return the page of a warning."""
    return Page(code, Severity.WARNING, title, page, mistake, repair)
