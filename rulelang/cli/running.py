"""`rulelang run`: rules over market data; report of the data first, then what was decided."""

import gc
import sys
import time
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click
from attrs import frozen

from rulelang.check import CheckedRules, Outside, Override, check
from rulelang.cli import terminal
from rulelang.cli.loading import Problems, rule_source
from rulelang.cli.output import Sink, form_of, opened_sink
from rulelang.cli.summary import summarised
from rulelang.cli.tally import Tally
from rulelang.data import (
    Calendar,
    DataError,
    Need,
    Request,
    Stamp,
    data_lines,
    parse_map,
    parse_spec,
    read,
    read_calendars,
    stream,
)
from rulelang.evaluate import AssetDecision, Run, StepRefused
from rulelang.kinds.units import time_text
from rulelang.text import Diagnostic, Severity, render

Step = tuple[int, dict[str | None, dict[str, Any]]]
_MINUTE = 60
_LONG = 5_000
"""From so many steps on, a terminal is shown how far the work is."""


@frozen
class Order:
    """What the command line asks for."""

    file: str
    data: tuple[str, ...]
    maps: tuple[str, ...]
    stamp: str | None
    params: tuple[str, ...]
    start: str | None
    end: str | None
    cold: bool
    form: str | None
    output: str | None


def run(order: Order) -> int:
    """Run rules over data; return the exit code."""
    try:
        return _Running(order).run()
    except DataError as error:
        if error.code == "RL710":
            raise click.UsageError(str(error)) from None
        raise Problems(f"error[{error.code}]: {error}") from None
    except StepRefused as error:
        raise Problems(f"error: {error}") from None


class _Running:
    """One call of `rulelang run`."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.params = _params(order.params)
        self.specs = [parse_spec(text) for text in order.data]
        self.maps = [parse_map(text) for text in order.maps]
        self.stamp = Stamp(order.stamp) if order.stamp else None
        self.start, self.end = _time(order.start, "--from"), _time(order.end, "--to")
        _check_stdin([order.file, *(spec.path for spec in self.specs)])
        if self.start is not None and self.end is not None and self.start > self.end:
            raise click.UsageError(f"--from {order.start} is after --to {order.end}")
        self.form = form_of(order.form, order.output, [order.file, *(spec.path for spec in self.specs)])
        self.source, self.reader = rule_source(order.file)

    def run(self) -> int:
        gc.enable()
        request = self._request()
        piped = [spec for spec in self.specs if spec.path == "-"]
        if piped:
            calendars = read_calendars([spec for spec in self.specs if spec.path != "-"], request, self.maps)
            if calendars is not None:
                return self._stream(piped[0].asset, request, calendars)
        market = read(self.specs, request, self.maps, self.stamp, sys.stdin.buffer)
        total = self._steps_taken(market.steps.times)
        self._say(market.report.lines())
        rules = self._rules(Outside(bars=market.bars, params=self.params), warn=True)
        self._warn_of_events(rules, market.events, self.start or market.steps.times[0])
        with opened_sink(self.form, self.order.output, rules) as sink:
            tally = self._decide(rules, market.events, market.steps, total, sink)
        self._close(tally, rules, sink)
        return 0

    def _steps_taken(self, times: Sequence[int]) -> int:
        """Return how many steps will be taken; refuse a time without any bar."""
        end = len(times) if self.end is None else bisect_right(times, self.end)
        first = 0 if self.start is None else bisect_right(times, self.start - 1)
        if first >= end:
            asked = " ".join(
                f"{name} {text}" for name, text in (("--from", self.order.start), ("--to", self.order.end)) if text
            )
            span = f"the bars of the data close from {time_text(times[0])} to {time_text(times[-1])}"
            raise click.UsageError(f"no bar lies in the time asked for, {asked}; {span}")
        return end - first if self.order.cold else end

    # --- rules

    def _request(self) -> Request:
        """Return what the rules need of the data."""
        rules = check(self.source, reader=self.reader, outside=Outside(params=self.params)).rules
        if rules is None:  # durations without `bars`: what is needed doesn't depend on them, so any period serves
            rules = self._rules(Outside(bars=_MINUTE, params=self.params), warn=False)
            stated = None
        else:
            stated = rules.bars
        needs = dict.fromkeys(Need(n.asset, n.field) for p in rules.programs.values() for n in p.needs)
        required = tuple(need for need in needs if "." not in need.field.name)
        return Request(required, rules.assets, stated, tuple(rules.events))

    def _rules(self, outside: Outside, warn: bool) -> CheckedRules:
        checking = check(self.source, reader=self.reader, outside=outside)
        errors = [d for d in checking.diagnostics if d.severity is Severity.ERROR]
        if errors and outside.params:
            self._refuse_params(outside, errors)
        if warn or errors:
            self._show(checking.diagnostics if warn else errors)
        if checking.rules is None:
            raise Problems(f"{self.order.file} has errors, so it can't run")
        return checking.rules

    def _refuse_params(self, outside: Outside, errors: Sequence[Diagnostic]) -> None:
        """Refuse what `--set` says, where the rule file has no errors without it."""
        if check(self.source, reader=self.reader, outside=Outside(bars=outside.bars)).rules is None:
            return
        for error in errors:
            culprits = [name for name in outside.params if f"`{name}`" in error.message] or list(outside.params)
            said = " ".join(f"--set {name}={outside.params[name]}" for name in culprits)
            raise click.UsageError(f"{said}: {error.message}")

    def _warn_of_events(self, rules: CheckedRules, found: Mapping[str, Iterable[float]], since: float) -> None:
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

    def _show(self, diagnostics: Iterable[Diagnostic]) -> None:
        shown = render.text(diagnostics, colour=terminal.colour(sys.stderr), width=terminal.width(sys.stderr))
        click.echo(shown, err=True, nl=False)

    def _say(self, lines: Iterable[str]) -> None:
        """Print what a person reads: on standard output, or beside it where the decisions go there."""
        if not self._to_person():
            click.echo("\n".join(terminal.broken(lines, terminal.width(sys.stderr))), err=True)
            return
        try:
            click.echo("\n".join(terminal.broken(lines, terminal.width())))
        except BrokenPipeError:
            if self.order.output is None:
                raise  # nobody reads, and nothing is written: no need to go on
            terminal.leave_output()

    def _to_person(self) -> bool:
        return self.form == "table" or self.order.output is not None

    # --- deciding

    def _decide(
        self, rules: CheckedRules, events: Mapping[str, Sequence[float]], steps: Iterable[Step], total: int, sink: Sink
    ) -> Tally:
        run = Run(rules, {name: tuple(map(float, dates)) for name, dates in events.items()}, sink.wants_records)
        tally = Tally()
        with _progress(total) as advance:
            for at, values in steps:
                if self.end is not None and at > self.end:
                    break
                early = self.start is not None and at < self.start
                if early and self.order.cold:
                    continue
                advance()
                tally.begun = at if tally.begun is None else tally.begun
                tally.warming += early
                for decision in _stepped(run, at, values):
                    if not early:
                        tally.count(decision)
                        sink.write(decision)
        return tally

    def _close(self, tally: Tally, rules: CheckedRules, sink: Sink) -> None:
        if self._to_person():
            self._say(summarised(tally, rules, sink, terminal.width()).splitlines())

    # --- standard input, line by line

    def _stream(self, asset: str | None, request: Request, calendars: Sequence[Calendar]) -> int:
        lines = data_lines(sys.stdin.buffer)
        source = stream(lines, None, request, self.maps, self.stamp, asset, calendars)
        rules = self._rules(Outside(params=self.params), warn=True)
        self._warn_of_events(rules, source.events, self.start or time.time())
        with opened_sink(self.form, self.order.output, rules, at_once=True) as sink:
            tally = self._decide(rules, source.events, source, 0, sink)
        self._say(source.report.lines())
        if not tally.bars:
            raise click.UsageError("no bar of standard input lies in the time asked for")
        self._close(tally, rules, sink)
        return 0


def _stepped(run: Run, at: int, values: dict[str | None, dict[str, Any]]) -> Iterable[AssetDecision]:
    """Take a step with what the reader hands over; an asset without a row has no bar."""
    if None in values:
        mine = {**values[None], **{asset: inner for asset, inner in values.items() if asset is not None}}
        return run.step(at, mine).by_asset.values()
    named: dict[str, Any] = {asset: inner for asset, inner in values.items() if asset is not None}
    if not any(asset in named for asset in run.machines):
        return ()
    return run.step(at, named).by_asset.values()


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    """Show a bar on a terminal where there is much to do; give a function that counts a step."""
    if total < _LONG or not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=total, file=sys.stderr, label="deciding") as bar:
        seen = 0

        def advance() -> None:
            nonlocal seen
            seen += 1
            if seen % 500 == 0:
                bar.update(500)

        yield advance
        bar.update(seen % 500)


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


def _time(text: str | None, option: str) -> float | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise click.UsageError(f"{option} {text} is no time; write 2024-01-01 or 2024-01-01T08:00Z") from None
    if moment.tzinfo is None:
        if "T" in text or ":" in text:
            raise click.UsageError(f"{option} {text} has no zone; write {text}Z for UTC")
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()
