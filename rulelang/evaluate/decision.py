"""What a step decides, as values: for each asset its targets, rules, alerts, and the record that answers why."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from rulelang.evaluate.targets import Outcome


class Forgotten(LookupError):
    """Raised for the record of a step of which the run no longer keeps what it was given."""


@frozen
class Alert:
    """An alert: the rule that became active, and its text with the values filled in."""

    rule: str
    text: str


Record = dict[str, Any]


@frozen
class Told:
    """A record that is there; where it isn't, something else stands in its place that makes it when asked."""

    record: Record

    def __call__(self) -> Record:
        return self.record


def _told(asked: Callable[[], Record] | None) -> Record | None:
    return None if asked is None else asked()


@frozen
class AssetDecision:
    """What a step decided for one asset.

    `targets`: what each step did to each target, by name. `active`: whether each rule is active after the step.
    `rejected`: fields whose value was out of bounds and counted as missing. `told`: what gives the record, or `None`
    where records are not kept.
    """

    time: float
    asset: str | None
    targets: Mapping[str, Outcome]
    active: Mapping[str, bool]
    started: tuple[str, ...]
    ended: tuple[str, ...]
    alerts: tuple[Alert, ...]
    rejected: tuple[str, ...]
    told: Callable[[], Record] | None = field(default=None, repr=False, eq=_told)

    @property
    def record(self) -> Record | None:
        """Everything as JSON can hold it (clause 7), or `None` where records are not kept.

        Raises `Forgotten` where the run no longer keeps what the step was given.
        """
        return _told(self.told)

    @property
    def hedge(self) -> float | None:
        """The hedge in force after the step (coins short over coins held), or `None` where the rules set none."""
        outcome = self.targets.get("hedge")
        return None if outcome is None else outcome.after


@frozen
class Decision(Mapping[str | None, AssetDecision]):
    """What a step decided, by asset; where the rules run for one asset, its decision can be asked directly.

    `time` is in seconds since 1970, the close of the step's bar.
    """

    time: float
    by_asset: Mapping[str | None, AssetDecision]

    def __getitem__(self, asset: str | None) -> AssetDecision:
        return self.by_asset[asset]

    def __iter__(self) -> Any:
        return iter(self.by_asset)

    def __len__(self) -> int:
        return len(self.by_asset)

    def __hash__(self) -> int:
        return hash(self.time)

    def _only(self) -> AssetDecision:
        if len(self.by_asset) != 1:
            assets = ", ".join(str(asset) for asset in self.by_asset) or "none"
            raise LookupError(f"this decision is about several assets ({assets}): ask for one, decision[asset]")
        return next(iter(self.by_asset.values()))

    @property
    def hedge(self) -> float | None:
        """The hedge in force after the step, a ratio (0.7 is 70%), or `None` where the rules set none."""
        return self._only().hedge

    @property
    def targets(self) -> Mapping[str, Outcome]:
        """What the step did to each target."""
        return self._only().targets

    @property
    def active(self) -> Mapping[str, bool]:
        """Whether each rule is active after the step."""
        return self._only().active

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The alerts of this step."""
        return self._only().alerts

    @property
    def rejected(self) -> tuple[str, ...]:
        """The fields whose value was out of bounds and counted as missing."""
        return self._only().rejected

    @property
    def record(self) -> Record | None:
        """The record that answers why and why not (clause 7), or `None` where records are not kept.

        Raises `Forgotten` where the run no longer keeps what the step was given.
        """
        return self._only().record
