"""One generated rule file with a market that goes with it: the pair that every property of the engine is asked of."""

from collections.abc import Iterator
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

import rulelang
from rulelang import RuleError, Rules
from rulelang.engine.run import EngineRun
from rulelang.evaluate import Run
from tests.strategies import Ground, Market, Step, Written, files, grounds, markets
from tests.strategies.grounds import DAY, HOUR, MONDAY

Events = dict[str, tuple[float, ...]]

GAPS = (1, 3, 50, 300, 1344)
"""How many bars a gap may be longer than it was generated."""
TIMES = 20
"""How often a market is repeated: often enough for more bars than the machine does at once."""


def loaded(text: str, ground: Ground, stated: bool = True) -> Rules:
    """Return the rules of a generated text; give the example up where the generator made a mistake.

    `stated`: whether somebody says how long a bar is where the file doesn't; where it takes that, it is said anyway.
    """
    try:
        return rulelang.loads(text, bars=ground.written if stated and not ground.said else None)
    except RuleError:
        if not stated and not ground.said:
            return loaded(text, ground)
        assume(False)
        raise


class Pair:
    """A file and a market, and what else a run is given: dates of events from outside."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.written: Written = data.draw(files(grounds()))
        self.rules = loaded(self.written.text, self.written.ground, data.draw(st.booleans()))
        market: Market = data.draw(markets(self.written.ground, self.written.fields))
        self.market = _longer(data, market, self.written.ground.bars)
        self.events = {name: _dates(data) for name in self.rules.checked.events}

    def position(self) -> int:
        """Return some number of steps."""
        chosen: int = self.data.draw(st.integers(0, len(self.market)))
        return chosen

    def engine(self) -> EngineRun:
        """Return a fresh run on the engine."""
        return self.rules.start(records=False, events=self.events)

    def reference(self) -> Run:
        """Return a fresh run on the reference."""
        return self.rules.start(records=False, events=self.events, engine="reference")

    def __str__(self) -> str:
        steps = "\n".join(f"{step.time} {step.values!r}" for step in self.market.steps)
        return f"{self.written.text}\n# bars {self.rules.bars}, events {self.events}\n{steps}"


def _longer(data: st.DataObject, market: Market, bars: int) -> Market:
    """Return a market, once in a while with a long gap in it, or over and over again for some hundred bars."""
    form = data.draw(st.integers(0, 15))
    if form not in (3, 7, 11) or not len(market):
        return market
    if form != 11:
        at, length = data.draw(st.integers(0, len(market))), data.draw(st.sampled_from(GAPS)) * bars
        later = [Step(step.time + length, step.values) for step in market.steps[at:]]
        return Market((*market.steps[:at], *later))
    length = market.steps[-1].time - market.steps[0].time + bars
    return Market(tuple(Step(step.time + n * length, step.values) for n in range(TIMES) for step in market.steps))


def _dates(data: st.DataObject) -> tuple[float, ...]:
    near = st.sampled_from([float(MONDAY + hours * HOUR) for hours in (0, 7, 24, 31, 100, -40)] + [MONDAY + DAY + 0.5])
    dates: list[float] = data.draw(st.lists(near, max_size=2))
    return tuple(dates)


def nodes_of(run: EngineRun, asset: str | None) -> Iterator[tuple[Any, Any]]:
    """Yield each checked node of an asset's rules with its value on the engine after the newest step."""
    one = run.assets[asset]
    values, truths = one.machine.live.values(), one.machine.live.truths()
    for node in one.checked.nodes:
        if type(node).__name__ != "Constant":
            yield node, one.reading.value(node, values, truths)
