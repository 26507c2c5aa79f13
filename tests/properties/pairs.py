"""One generated file and market with its run: the pair that every property of a run is asked of."""

from collections.abc import Iterable

from attrs import evolve
from hypothesis import assume
from hypothesis import strategies as st

import rulelang
from rulelang import AssetDecision, Decision, RuleError, Rules
from rulelang.evaluate import Run
from tests.strategies import Ground, Market, Written, files, grounds, markets


def loaded(text: str, ground: Ground) -> Rules:
    """Return the rules of a generated text; give the example up where the generator made a mistake."""
    try:
        return rulelang.loads(text, bars=None if ground.said else ground.written)
    except RuleError:
        assume(False)
        raise


def decided(run: Run, market: Market, start: int = 0) -> list[Decision]:
    """Return the decisions of the steps from one on."""
    return [run.step(step.time, step.values) for step in market.steps[start:]]


def bare(decision: Decision) -> dict[str | None, AssetDecision]:
    """Return what was decided, without the records."""
    return {asset: evolve(one, told=None) for asset, one in decision.items()}


def bares(decisions: Iterable[Decision]) -> list[dict[str | None, AssetDecision]]:
    """Return what was decided step by step, without the records."""
    return list(map(bare, decisions))


class Pair:
    """A generated file and market, with the run that all others are compared with."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.written: Written = data.draw(files(grounds()))
        self.text = self.written.text
        self.rules = loaded(self.text, self.written.ground)
        self.market: Market = data.draw(markets(self.written.ground, self.written.fields))
        self.decisions = decided(self.rules.start(engine="reference"), self.market)
        self.bare = bares(self.decisions)

    def position(self) -> int:
        """Return some number of steps."""
        chosen: int = self.data.draw(st.integers(0, len(self.market)))
        return chosen
