"""The page of every code: what a diagnostic is about, why it matters, and how to repair it, with an example of both."""

from rulelang.text.pages.clocks import CLOCKS
from rulelang.text.pages.data import DATA
from rulelang.text.pages.kinds import KINDS
from rulelang.text.pages.money import MONEY
from rulelang.text.pages.names import NAMES
from rulelang.text.pages.record import FILES, NOW, Page
from rulelang.text.pages.spelling import SPELLING

__all__ = ["FILES", "NOW", "PAGES", "Page", "page"]

PAGES: tuple[Page, ...] = (*SPELLING, *NAMES, *KINDS, *CLOCKS, *MONEY, *DATA)
"""One page for every code, in the order of the codes."""

_BY_CODE = {one.code: one for one in PAGES}


def page(code: str) -> Page | None:
    """Return the page of a code such as `RL302`, or `None` where there is no such code."""
    return _BY_CODE.get(code)
