"""Files of plain rules that compare few fields with constants, and markets whose values lie on and around them."""

from typing import Any

from hypothesis import strategies as st

from tests.strategies.drawing import Draw, Drawing
from tests.strategies.grounds import HOUR, MONDAY
from tests.strategies.markets import Market, Step

_EDGES = {
    "close": ("100", "101", "50 + 50", "2 * 50.5"),
    "weight": ("1", "2", "-1", "edge"),
    "change(close, 1)": ("0%", "1%"),
    "funding_8h": ("0.01%", "0.05%", "10% per 1y"),
    "outlook": (),
}
"""Values that conditions ask for, and the constants they are compared with; of `outlook` the word is asked."""

_WORDS = ("bearish", "neutral", "bullish")
_ACTIONS = (
    *("hedge 30%", "hedge 70%", "hedge at least 40%", "hedge at most 60%", "hedge between 20% and 50%"),
    *("increase hedge by 20% of exposure", "reduce hedge by 50% of level", "freeze hedge", "hedge weight * 10%"),
    *("hedge at most 50% + weight * 10%", "increase hedge by weight * 10% of exposure", "hedge 130%"),
    *("reduce hedge by weight * 10% of level", "hedge at least weight * 10%"),
)
_HELD = ("", "", "", " for 2 periods", " for 2 of 3 periods", " for 1 periods of 4h")
_HEAD = """\
bars 1h
field weight : number
field outlook : bearish | neutral | bullish
field funding_8h every 4h
param edge = 1
"""


class _Maker:
    """Makes the rules of one file, on one or two values."""

    def __init__(self, d: Drawing) -> None:
        self.d = d
        self.values = tuple(d.some(lambda: d.pick(tuple(_EDGES)), 1, 2))

    def part(self) -> str:
        d = self.d
        value = d.pick(self.values)
        if value == "outlook":
            return f"outlook is {d.pick(_WORDS)}"
        edge, sign = d.pick(_EDGES[value]), d.pick((">", "<", ">=", "<="))
        if d.once_in(5):
            return f"{value} between {edge} and {d.pick(_EDGES[value])}"
        if d.once_in(6):
            return f"{edge} {sign} {value}"
        return f"({value} {sign} {edge}{d.pick(_HELD)})"

    def rule(self, at: int) -> str:
        d = self.d
        joint = d.pick((" and ", " and ", " and ", " or "))
        condition = joint.join(self.part() for _ in range(d.pick((1, 1, 2))))
        actions = ", ".join(dict.fromkeys(d.pick(_ACTIONS) for _ in range(d.number(1, 2))))
        ends = d.pick(("", "", "", "", " for 3h", " until close > 101"))
        return f"rule r{at} when {condition} then {actions}{d.pick(('', ' at once'))}{ends}"


@st.composite
def threshold_files(draw: Draw) -> str:
    """Generate the text of a file."""
    d = Drawing(draw)
    maker = _Maker(d)
    bounds = d.pick(("0% and 100%", "20% and 80%", "-50% and 50%"))
    rules = [maker.rule(at) for at in range(d.number(1, 6))]
    otherwise = d.pick(("", "otherwise hedge 45%", "otherwise hedge weight * 25%"))
    return "\n".join([f"{_HEAD}target hedge between {bounds}", *rules, otherwise])


_VALUES: dict[str, tuple[Any, ...]] = {
    "close": (100.0, 101.0, 99.0, 100.5, 102.0, None),
    "weight": (1.0, 2.0, -1.0, 0.0, 1.5, 3.0, None),
    "outlook": (*_WORDS, None),
    "funding_8h": (0.0001, 0.0005, 0.0, 0.0003, 0.001, None),
}


@st.composite
def threshold_markets(draw: Draw) -> Market:
    """Generate a market for such files: values change often, and any of them may be missing."""
    d = Drawing(draw)
    times = [MONDAY + (at + 1) * HOUR for at in range(d.number(4, 24)) if not d.once_in(8)]
    return Market(tuple(Step(time, {name: d.pick(values) for name, values in _VALUES.items()}) for time in times))
