"""A text with a `|` where the cursor stands."""

from rulelang.editor.analysis import Analysis, analyse
from rulelang.text import Source

CURSOR = "|"

HEAD = """\
assets BTC, ETH
bars 1h
param crowded = 0.05% in 0.02% .. 0.15%
param wait = 8h
let trend = sma(close, 200)@1d
event cpi at 2026-12-10T13:30Z
target leverage between 1 and 3 change at least 0.5
field outlook : bearish | neutral | bullish valid for 7d
rule first
  when funding_8h > crowded for 3 periods
  then hedge at least 75%
"""
"""What the texts of the tests may name."""


def at(text: str, head: str = HEAD) -> tuple[Analysis, int]:
    """Return a text behind the head, read, and the offset of its cursor; broken, it remembers the head."""
    last = analyse(Source("t.rules", head)).rules
    offset = len(head) + text.index(CURSOR)
    return analyse(Source("t.rules", head + text.replace(CURSOR, "", 1)), last=last), offset
