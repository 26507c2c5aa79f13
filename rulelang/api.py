"""The library's face: load rules, start them, run them over a frame."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from rulelang.check import CheckedRules, Outside, Override, Reader, Summary, summary
from rulelang.check import check as _check
from rulelang.check.checked import EveryPeriod, Near, TimeValue
from rulelang.evaluate import Decision, StepRefused, Time, seconds_of
from rulelang.evaluate import Run as ReferenceRun
from rulelang.evaluate.steps import KEPT
from rulelang.kinds import duration_text, parse_duration
from rulelang.kinds.units import offset
from rulelang.rulefile import beside, decoded
from rulelang.text import Diagnostic, RuleError, Source

if TYPE_CHECKING:
    from rulelang.engine.run import EngineRun

Params = Mapping[str, Override]
Events = Mapping[str, Iterable[Time]]
Engine = Literal["native", "reference"]
"""What decides: the native engine, or the reference evaluator, which is the meaning of the language and slow."""


class Rules:
    """Checked rules, ready to run. Made by `load` and `loads`.

    >>> import rulelang
    >>> rules = rulelang.loads("bars 8h when funding_8h > 0.05% for 3 periods then hedge 70%")
    >>> run = rules.start()
    >>> [run.step(hour * 3600, {"funding_8h": 0.0006}).hedge for hour in (8, 16, 24)]
    [0.0, 0.0, 0.7]
    """

    def __init__(self, checked: CheckedRules) -> None:
        self._checked = checked

    def __repr__(self) -> str:
        return f"<Rules {self._checked.source.name}: {self.summary}>"

    @property
    def checked(self) -> CheckedRules:
        """The checked tree."""
        return self._checked

    @property
    def assets(self) -> tuple[str, ...]:
        """The assets that the rules run for; none where there is one without a name."""
        return self._checked.assets

    @property
    def bars(self) -> int | None:
        """The base period in seconds, or `None` where it comes from the data."""
        return self._checked.bars

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """The warnings about the file."""
        return list(self._checked.diagnostics)

    @property
    def summary(self) -> Summary:
        """What the file asks for: rules, assets, history, state, bounds."""
        return summary(self._checked)

    @property
    def fields(self) -> tuple[str, ...]:
        """The market fields that the rules read, those of other assets as `BTC.close`."""
        needs = {need for program in self._checked.programs.values() for need in program.needs}
        return tuple(sorted(n.field.name if n.asset is None else f"{n.asset}.{n.field.name}" for n in needs))

    @overload
    def start(
        self,
        *,
        params: Params | None = None,
        events: Events | None = None,
        bars: str | int | None = None,
        records: bool = True,
        keep: int = KEPT,
        engine: Literal["native"] = "native",
    ) -> "EngineRun": ...

    @overload
    def start(
        self,
        *,
        params: Params | None = None,
        events: Events | None = None,
        bars: str | int | None = None,
        records: bool = True,
        keep: int = KEPT,
        engine: Literal["reference"],
    ) -> ReferenceRun: ...

    def start(
        self,
        *,
        params: Params | None = None,
        events: Events | None = None,
        bars: str | int | None = None,
        records: bool = True,
        keep: int = KEPT,
        engine: Engine = "native",
    ) -> "EngineRun | ReferenceRun":
        """Start a run.

        `params`: values of params, as text of the language (`"0.05%"`) or as plain numbers (0.0005). `events`: dates of
        events, beside those in the file. `bars`: the base period (`"1h"`, or seconds) where the file doesn't say it.
        `records`: whether decisions can give the record that answers why and why not. On the engine it is made when
        asked for, by the reference, which goes over what was supplied; `keep`: of so many of the newest steps that is
        kept. `engine`: `"reference"` lets the reference evaluator decide.

        Raises `RuleError` where a param doesn't exist or its value doesn't fit.
        """
        rules, dates = self._bound(params, bars), self._dates(events or {})
        if _checked_engine(engine) == "reference":
            return ReferenceRun(rules, dates, records)
        from rulelang.explain.recall import engine_run

        return engine_run(rules, dates, _checked_keep(keep) if records else 0)

    @overload
    def resume(
        self,
        snapshot: bytes,
        *,
        params: Params | None = None,
        events: Events | None = None,
        bars: str | int | None = None,
        records: bool = True,
        keep: int = KEPT,
        engine: Literal["native"] = "native",
    ) -> "EngineRun": ...

    @overload
    def resume(
        self,
        snapshot: bytes,
        *,
        params: Params | None = None,
        events: Events | None = None,
        bars: str | int | None = None,
        records: bool = True,
        keep: int = KEPT,
        engine: Literal["reference"],
    ) -> ReferenceRun: ...

    def resume(
        self,
        snapshot: bytes,
        *,
        params: Params | None = None,
        events: Events | None = None,
        bars: str | int | None = None,
        records: bool = True,
        keep: int = KEPT,
        engine: Engine = "native",
    ) -> "EngineRun | ReferenceRun":
        """Go on from a snapshot as if nothing had been interrupted; records can be made if it holds what tells why.

        `Run.resumed` tells of which rules the state was kept, reset (they were edited) or is new. Raises
        `SnapshotError` for bytes that are no snapshot, or one that the other of engine and reference wrote.
        """
        options: dict[str, Any] = {"params": params, "events": events, "bars": bars, "records": records, "keep": keep}
        run: EngineRun | ReferenceRun = self.start(**options, engine=engine)
        run.load(snapshot)
        return run

    def decide(self, values: Mapping[str, Any], *, time: Time | None = None, params: Params | None = None) -> Decision:
        """Decide on a single state of the market, without history: the first step of a fresh run.

        `time` is needed where the rules ask for it (`within`, `every`, `time`). Raises `StepRefused` without.
        """
        run = self.start(params=params, engine="reference")
        if time is None:
            asking = (TimeValue, Near, EveryPeriod)
            if any(isinstance(node, asking) for p in run.rules.programs.values() for node in p.nodes):
                raise StepRefused("these rules ask what time it is: give `decide` a time")
            bars = run.rules.bars or 3600
            time = 100 * bars + offset(bars)  # the close of some bar: nothing in the rules depends on which
        return run.step(time, values)

    def over(
        self,
        frame: Any,
        *,
        time: str | None = None,
        params: Params | None = None,
        events: Events | None = None,
        bars: str | int | None = None,
        engine: Engine = "native",
    ) -> Any:
        """Run over a frame of bars and return the decisions as the same kind of frame.

        `frame`: a pandas, polars or Arrow frame, or a dict of columns: one row a bar, in the order of time, a column a
        field, and a column `asset` where the rules run for several. `time` names the column of times; without it, one
        called `close_time`, `time`, `timestamp` or `date` is taken, and its times are the bars' closes; a column
        `open_time` holds their opens. Times are datetimes with a zone, ISO texts, or seconds since 1970.

        The result has a row a bar: the times, the assets, and for each target what is in force (`hedge`), what was
        desired (`hedge_desired`), which brake held a change back (`hedge_held`), which rule had the last word
        (`hedge_rule`); and `active`, the active rules' names. A dict gets a dict of lists, or of NumPy arrays where all
        its columns are arrays. `engine`: as in `start`.
        """
        from rulelang.over import run_over

        return run_over(self._bound(params, bars), frame, time, self._dates(events or {}), _checked_engine(engine))

    def _bound(self, params: Params | None, bars: str | int | None) -> CheckedRules:
        if not params and bars is None:
            return self._checked
        period = _period(bars)
        stated = self._checked.stated_bars
        if period is not None and stated is not None and period != stated:
            raise ValueError(
                f"the rules say `bars {duration_text(stated)}`, so `{duration_text(period)}` can't be given"
            )
        return self._checked.bound(Outside(bars=period, params=params or {}))

    def _dates(self, events: Events) -> dict[str, tuple[float, ...]]:
        """Return the dates of events in seconds; one that no `event` declares is refused: it would protect nothing."""
        declared = self._checked.events
        for name in events:
            if name not in declared:
                known = ", ".join(declared) or "none"
                raise ValueError(f"the rules declare no event `{name}`; they declare {known}")
        return {name: tuple(map(_moment, times)) for name, times in events.items()}


def _moment(time: Time) -> float:
    """Return a time in seconds; a date is its midnight UTC, as in a rule file."""
    date = isinstance(time, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", time)
    return seconds_of(f"{time}T00:00Z" if date else time)


def _checked_engine(engine: str) -> str:
    if engine not in ("native", "reference"):
        raise ValueError(f"there is no engine {engine!r}: `native` decides fast, `reference` slowly and the same")
    return engine


def _checked_keep(keep: Any) -> int:
    if isinstance(keep, bool) or not isinstance(keep, int) or keep < 1:
        raise ValueError(f"`keep` is a number of steps, 1 or more, not {keep!r}; `records=False` keeps none")
    return keep


def _period(bars: str | int | None) -> int | None:
    """Return a base period in seconds. Raises `ValueError` where it is none."""
    if isinstance(bars, str) and re.fullmatch(r"[1-9]\d{0,9}[mhdwy]", bars):
        return parse_duration(bars)
    if bars is None or (isinstance(bars, int) and not isinstance(bars, bool) and bars > 0):
        return bars
    raise ValueError(f"{bars!r} is no base period: give a duration such as `1h`, or seconds")


def load(path: str | Path, *, bars: str | int | None = None) -> Rules:
    """Load a rule file. Raises `RuleError` with all diagnostics if it has errors; `OSError` if it can't be read."""
    file = Path(path)
    return _loaded(Source(str(path), decoded(file.read_bytes())), beside(file), bars)


def loads(text: str, *, name: str = "rules", reader: Reader | None = None, bars: str | int | None = None) -> Rules:
    """Load rules from a text. `reader` gives the text of used files by path. Raises `RuleError`."""
    return _loaded(Source(name, decoded(text)), reader, bars)


def _loaded(source: Source, reader: Reader | None, bars: str | int | None) -> Rules:
    checking = _check(source, reader=reader, outside=Outside(bars=_period(bars)))
    if checking.rules is None:
        raise RuleError(checking.diagnostics)
    return Rules(checking.rules)


def check(
    text: str | bytes, *, name: str = "rules", reader: Reader | None = None, bars: str | int | None = None
) -> list[Diagnostic]:
    """Check a text and return every diagnostic, in the order of the text; never raises, whatever the text."""
    outside = Outside(bars=_period(bars))
    return list(_check(Source(name, decoded(text)), reader=reader, outside=outside).diagnostics)
