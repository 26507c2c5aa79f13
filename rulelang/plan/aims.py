"""Aims: what the rules want of each asset at one bar, as exact numbers, with what the target's brakes say of drift."""

from collections.abc import Mapping
from fractions import Fraction

from attrs import frozen

from rulelang.check import CheckedRules
from rulelang.check.checked import CheckedTarget, Program
from rulelang.evaluate import AssetDecision
from rulelang.evaluate.targets import Outcome
from rulelang.hedging.orders import written
from rulelang.kinds import Kind, value_text

HEDGE, BETA, LEVERAGE = "hedge", "beta", "leverage"
UNDERSTOOD = (HEDGE, BETA, LEVERAGE)
"""The targets that a plan makes orders and margin of; others are shown as they are."""
_TOLERANCE = Fraction(1, 10**9)


@frozen
class Aim:
    """A target in force: its value, and the band within which drift alone is left alone.

    `free`: it changed at this bar, or was set at once, so that no band counts. `ends`: 0 and the target's bounds, onto
    which no band holds a move back. `floor`, `cap`: those of active rules, `None` without. `tolerance`: in its unit.
    """

    name: str
    kind: Kind
    value: Fraction
    band: Fraction | None
    free: bool
    ends: tuple[Fraction, ...]
    floor: Fraction | None
    cap: Fraction | None
    tolerance: Fraction

    @property
    def text(self) -> str:
        """The value in its unit."""
        return value_text(float(self.value), self.kind)

    def leaves(self, actual: Fraction | None) -> bool:
        """Say whether the band leaves an actual value where it is: clause 6.5, applied to the real position."""
        if actual is None or self.band is None or self.free or self._passes(actual):
            return False
        return abs(self.value - actual) < self.band - self.tolerance

    def _passes(self, actual: Fraction) -> bool:
        """Say whether the move goes onto an end, or back over a floor or a cap: no band holds that back."""
        low = self.floor is not None and actual < self.floor - self.tolerance
        high = self.cap is not None and actual > self.cap + self.tolerance
        return low or high or any(abs(self.value - end) <= self.tolerance for end in self.ends)


Aims = Mapping[str | None, Mapping[str, Aim]]
"""Every target of every asset."""


def aims(rules: CheckedRules, decisions: Mapping[str | None, AssetDecision]) -> Aims:
    """Return what the rules want, from the newest decision of each asset."""
    return {asset: _of_asset(rules.programs[asset], decision) for asset, decision in decisions.items()}


def _of_asset(program: Program, decision: AssetDecision) -> dict[str, Aim]:
    at_once = {rule.name for rule in program.rules if rule.at_once}
    return {name: _aim(program.targets[name], outcome, at_once) for name, outcome in decision.targets.items()}


def _aim(target: CheckedTarget, outcome: Outcome, at_once: set[str]) -> Aim:
    tolerance = _TOLERANCE * _exact(target.range)
    limits = [(part.what, [value for value in part.values if value is not None]) for part in outcome.parts]
    floors = [values[0] for what, values in limits if what in ("floor", "corridor")]
    caps = [values[-1] for what, values in limits if what in ("cap", "corridor")]
    return Aim(
        name=target.name,
        kind=target.kind,
        value=_exact(outcome.after),
        band=None if target.band is None else _exact(target.band),
        free=abs(outcome.after - outcome.before) > tolerance or outcome.last_word in at_once,
        ends=(Fraction(0), _exact(target.low), _exact(target.high)),
        floor=_exact(max(floors)) if floors else None,
        cap=_exact(min(caps)) if caps else None,
        tolerance=tolerance,
    )


def _exact(value: float) -> Fraction:
    return Fraction(written(value))
