"""Rules and market data as the command line names them: `FILE --data … --map … --time … --set …`."""

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click
from attrs import evolve, frozen

from rulelang.check import CheckedRules, Outside, Override, check
from rulelang.check.checked import FieldValue, Node
from rulelang.check.summary import children
from rulelang.cli import terminal
from rulelang.cli.loading import Problems, rule_source
from rulelang.data import (
    DataError,
    Market,
    Need,
    Request,
    Stamp,
    Stream,
    data_lines,
    parse_map,
    parse_spec,
    read,
    read_calendars,
    stream,
)
from rulelang.engine.run import EngineRun
from rulelang.evaluate import Run, StepRefused
from rulelang.kinds.units import time_text
from rulelang.text import Diagnostic, Severity, render

_MINUTE = 60


@frozen
class Asked:
    """Which rules, data and params a command line names."""

    file: str
    data: tuple[str, ...]
    maps: tuple[str, ...]
    stamp: str | None
    params: tuple[str, ...]


class Reading:
    """Reads what is asked for. Raises `UsageError` for what can't be understood, before any work is done."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.params = _params(asked.params)
        self.specs = [parse_spec(text) for text in asked.data]
        self.maps = [parse_map(text) for text in asked.maps]
        self.stamp = Stamp(asked.stamp) if asked.stamp else None
        _check_stdin(self.files)
        self.source, self.reader = rule_source(asked.file)

    @property
    def files(self) -> list[str]:
        """The files that are read."""
        return [self.asked.file, *(spec.path for spec in self.specs)]

    def assets(self) -> tuple[str, ...]:
        """Return the assets that the rules run for; none where there is one without a name."""
        return self._request().assets

    def shape(self) -> CheckedRules:
        """Return the rules before the data say how long a bar is: names and targets don't depend on it."""
        found = check(self.source, reader=self.reader, outside=Outside(params=self.params)).rules
        return found or self.rules(_MINUTE, warn=False)  # durations without `bars`: any period serves

    def market(self, welcome: Sequence[Need] = (), idle: Collection[str | None] = ()) -> Market:
        """Read the data, whole: what the rules need, and what is welcome beside that.

        What the rules of `idle` assets need may be absent.
        """
        request = self._request()
        request = evolve(request, welcome=(*request.welcome, *welcome), idle=frozenset(idle))
        return read(self.specs, request, self.maps, self.stamp, sys.stdin.buffer)

    def stream(self, waiting: Callable[[], None]) -> Stream | None:
        """Return the steps of standard input as its lines arrive; `None` where all data have to be read first.

        `waiting` is called before a line is waited for.
        """
        piped = [spec for spec in self.specs if spec.path == "-"]
        if not piped:
            return None
        request = self._request()
        calendars = read_calendars([spec for spec in self.specs if spec.path != "-"], request, self.maps)
        if calendars is None:
            return None
        lines = data_lines(sys.stdin.buffer, waiting)
        return stream(lines, None, request, self.maps, self.stamp, piped[0].asset, calendars)

    def _request(self) -> Request:
        """Return what the rules need of the data; what is real (`hedge.actual`, `hedge.entry`) is welcome."""
        rules = self.shape()
        every = dict.fromkeys(Need(n.asset, n.field) for p in rules.programs.values() for n in p.needs)
        required = tuple(need for need in every if "." not in need.field.name)
        real = tuple(need for need in every if "." in need.field.name)
        return Request(required, rules.assets, rules.stated_bars, tuple(rules.events), real)

    def rules(self, bars: int | None, warn: bool) -> CheckedRules:
        """Return the rules for bars of so many seconds; show their errors and, with `warn`, their warnings."""
        outside = Outside(bars=bars, params=self.params)
        checking = check(self.source, reader=self.reader, outside=outside)
        errors = [d for d in checking.diagnostics if d.severity is Severity.ERROR]
        if errors and outside.params:
            self._refuse_params(outside, errors)
        if warn or errors:
            self._show(checking.diagnostics if warn else errors)
        if checking.rules is None:
            raise Problems(f"{self.asked.file} has errors, so it can't run")
        return checking.rules

    def _refuse_params(self, outside: Outside, errors: Sequence[Diagnostic]) -> None:
        """Refuse what `--set` says, where the rule file has no errors without it."""
        if check(self.source, reader=self.reader, outside=Outside(bars=outside.bars)).rules is None:
            return
        for error in errors:
            culprits = [name for name in outside.params if f"`{name}`" in error.message] or list(outside.params)
            said = " ".join(f"--set {name}={outside.params[name]}" for name in culprits)
            raise click.UsageError(f"{said}: {error.message}")

    def warn_of_events(self, rules: CheckedRules, found: Mapping[str, Iterable[float]], since: float) -> None:
        """Warn of events that nothing can wait for: without a date, or with dates before the run only."""
        for name, stated in rules.events.items():
            dates = [*stated, *found.get(name, ())]
            if not dates:
                what = "has no date, neither in the rule file nor in a calendar"
            elif max(dates) < since:
                what = f"has no date after {time_text(since)}, the last is {time_text(max(dates))}"
            else:
                continue
            what += ": what waits for it never acts"
            repair = f"write `event {name} at TIME`, or add a calendar, --data FILE"
            click.echo(f"warning[RL413]: the event `{name}` {what}; {repair}", err=True)

    def warn_of_lacking(
        self, rules: CheckedRules, lacking: Sequence[tuple[str | None, str]], lines: int | None
    ) -> None:
        """Warn of needed fields that no line of standard input had, in the first `lines` or in all."""
        what = ", ".join(f"`{name}`" if asset is None else f"`{name}` of {asset}" for asset, name in lacking)
        waiting = ", ".join(sorted({rule for need in lacking for rule in _reading(rules, *need)}))
        span = "no line" if lines is None else f"none of the first {lines} lines"
        message = f"standard input: {span} had {what}: it counts as missing, and what is missing never fires"
        click.echo(f"warning[RL706]: {message}{waiting and f'; rules that read it: {waiting}'}", err=True)

    def _show(self, diagnostics: Iterable[Diagnostic]) -> None:
        shown = render.text(diagnostics, colour=terminal.colour(sys.stderr), width=terminal.width(sys.stderr))
        click.echo(shown, err=True, nl=False)


def _reading(rules: CheckedRules, asset: str | None, field: str) -> Iterator[str]:
    """Yield the rules whose condition reads a field of an asset."""
    for own, program in rules.programs.items():
        for rule in program.rules:
            if any(value.field.name == field and (value.asset or own) == asset for value in _values(rule.condition)):
                yield rule.name


def _values(condition: Node) -> Iterator[FieldValue]:
    """Yield the market fields that a condition reads; what is read in several places is looked at once."""
    seen, ahead = set[int](), [condition]
    while ahead:
        node = ahead.pop()
        if isinstance(node, FieldValue):
            yield node
        if id(node) not in seen:
            seen.add(id(node))
            ahead.extend(children(node))


@contextmanager
def problems_shown() -> Iterator[None]:
    """Turn what is wrong with data or steps into messages of the command line."""
    try:
        yield
    except DataError as error:
        if error.code == "RL710":
            raise click.UsageError(str(error)) from None
        raise Problems(f"error[{error.code}]: {error}") from None
    except StepRefused as error:
        raise Problems(f"error: {error}") from None


def dates(events: Mapping[str, Iterable[float]]) -> dict[str, tuple[float, ...]]:
    """Return the dates of events as a run takes them."""
    return {name: tuple(map(float, times)) for name, times in events.items()}


def payload(run: EngineRun | Run, values: Mapping[str | None, Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return what a reader hands over as a step takes it; `None` where no asset of the rules has a bar."""
    named: dict[str, Any] = {asset: inner for asset, inner in values.items() if asset is not None}
    if None in values:
        return {**values[None], **named}
    return named if any(asset in named for asset in run.rules.programs) else None


def _check_stdin(paths: Sequence[str]) -> None:
    if paths.count("-") > 1:
        raise click.UsageError("standard input (-) can be read once: for the rule file, or for one --data")


def _params(texts: Sequence[str]) -> dict[str, Override]:
    params: dict[str, Override] = {}
    for text in texts:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not sign or not name or not value:
            raise click.UsageError(
                f"--set {text} can't be understood; write --set PARAM=VALUE, as in --set crowded=0.1%"
            )
        if name in params:
            raise click.UsageError(f"--set gives `{name}` twice, {params[name]} and {value}; keep one")
        params[name] = value
    return params


def moment(text: str | None, option: str) -> float | None:
    """Return the time that an option names, in seconds since 1970. Raises `UsageError` where it is none."""
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise click.UsageError(f"{option} {text} is no time; write 2024-01-01 or 2024-01-01T08:00Z") from None
    if when.tzinfo is None:
        if "T" in text or ":" in text:
            raise click.UsageError(f"{option} {text} has no zone; write {text}Z for UTC")
        when = when.replace(tzinfo=UTC)
    return when.timestamp()
