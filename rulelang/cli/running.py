"""`rulelang run`: rules over market data; report of the data first, then what was decided."""

import gc
import io
import sys
import time
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from attrs import frozen

from rulelang.check import CheckedRules, Outside, Override, check
from rulelang.cli import terminal
from rulelang.cli.output import Sink, opened_sink, summarised
from rulelang.cli.tally import Tally
from rulelang.data import (
    DataError,
    Need,
    Request,
    Stamp,
    parse_map,
    parse_spec,
    read,
    sniffed,
    stream,
)
from rulelang.data import Report as DataReport
from rulelang.evaluate import AssetDecision, Run, StepRefused
from rulelang.rulefile import beside, decoded
from rulelang.text import Diagnostic, Severity, Source, render

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


class Problems(click.ClickException):
    """Something is wrong with the rules or the data; the message has been made."""

    exit_code = 1

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


def run(order: Order) -> int:
    """Run rules over data; return the exit code."""
    try:
        return _Running(order).run()
    except DataError as error:
        raise Problems(f"error[{error.code}]: {error}") from None
    except StepRefused as error:
        raise Problems(f"error: {error}") from None


class _Running:
    """One call of `rulelang run`."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.params = dict(map(_param, order.params))
        self.specs = [parse_spec(text) for text in order.data]
        self.maps = [parse_map(text) for text in order.maps]
        self.stamp = Stamp(order.stamp) if order.stamp else None
        self.start, self.end = _time(order.start, "--from"), _time(order.end, "--to")
        self.source, self.reader = _source(order.file)

    def run(self) -> int:
        gc.enable()
        request, stated = self._request()
        if [spec.path for spec in self.specs] == ["-"]:
            return self._stream(request, stated)
        market = read(self.specs, request, self.maps, self.stamp, sys.stdin.buffer)
        self._say(market.report)
        rules = self._rules(Outside(bars=market.bars, params=self.params, now=time.time()), warn=True)
        events = {name: tuple(map(float, dates)) for name, dates in market.events.items()}
        total = len(market.steps) if isinstance(market.steps, Sized) else 0
        with opened_sink(self.order.form, self.order.output, rules) as sink:
            tally = self._decide(rules, events, market.steps, total, sink)
        self._close(tally, rules, sink)
        return 0

    # --- rules

    def _request(self) -> tuple[Request, int | None]:
        """Return what the rules need of the data, and the base period that the file states."""
        rules = check(self.source, reader=self.reader, outside=Outside(params=self.params)).rules
        if rules is None:  # durations without `bars`: what is needed doesn't depend on them, so any period serves
            rules = self._rules(Outside(bars=_MINUTE, params=self.params), warn=False)
            stated = None
        else:
            stated = rules.bars
        needs = dict.fromkeys(Need(n.asset, n.field) for p in rules.programs.values() for n in p.needs)
        required = tuple(need for need in needs if "." not in need.field.name)
        return Request(required, rules.assets, stated, tuple(rules.events)), stated

    def _rules(self, outside: Outside, warn: bool) -> CheckedRules:
        checking = check(self.source, reader=self.reader, outside=outside)
        errors = [d for d in checking.diagnostics if d.severity is Severity.ERROR]
        if warn or errors:
            self._show(checking.diagnostics if warn else errors)
        if checking.rules is None:
            raise Problems(f"{self.order.file} has errors, so it can't run")
        return checking.rules

    def _show(self, diagnostics: Iterable[Diagnostic]) -> None:
        shown = render.text(diagnostics, colour=terminal.colour(sys.stderr), width=terminal.width(sys.stderr))
        click.echo(shown, err=True, nl=False)

    def _say(self, report: DataReport) -> None:
        for line in report.lines():
            click.echo(line, err=not self._to_person())

    def _to_person(self) -> bool:
        """Whether standard output is read by a person: then the report stands there, else beside it."""
        return (self.order.form in (None, "table")) or self.order.output is not None

    # --- deciding

    def _decide(
        self, rules: CheckedRules, events: dict[str, tuple[float, ...]], steps: Iterable[Step], total: int, sink: Sink
    ) -> Tally:
        run = Run(rules, events, sink.wants_records)
        tally = Tally()
        with _progress(total) as advance:
            for at, values in steps:
                advance()
                if self.end is not None and at > self.end:
                    break
                early = self.start is not None and at < self.start
                if early and self.order.cold:
                    continue
                for decision in _stepped(run, at, values):
                    if not early:
                        tally.count(decision)
                        sink.write(decision)
        return tally

    def _close(self, tally: Tally, rules: CheckedRules, sink: Sink) -> None:
        if not tally.bars:
            click.echo("no bar lies in the time asked for", err=True)
        if self._to_person():
            click.echo(summarised(tally, rules, sink, terminal.width()), nl=False)

    # --- standard input, line by line

    def _stream(self, request: Request, stated: int | None) -> int:
        if stated is None:
            raise Problems("standard input tells no base period beforehand: write `bars 1h` in the rule file")
        lines = io.TextIOWrapper(sys.stdin.buffer, "utf-8", errors="replace", newline="")
        first = next(iter(lines), "")
        source = stream(_chained(first, lines), sniffed(first), request, self.maps, self.stamp)
        rules = self._rules(Outside(params=self.params, now=time.time()), warn=True)
        with opened_sink(self.order.form, self.order.output, rules, flush=True) as sink:
            tally = self._decide(rules, {}, source, 0, sink)
        self._say(source.report)
        self._close(tally, rules, sink)
        return 0


def _chained(first: str, rest: Iterable[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


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


def _source(name: str) -> tuple[Source, Any]:
    path = Path(name)
    try:
        content = sys.stdin.buffer.read() if name == "-" else path.read_bytes()
    except OSError as error:
        raise click.UsageError(f"{name} can't be read: {error.strerror}") from None
    return Source("<stdin>" if name == "-" else name, decoded(content)), beside(path)


def _param(text: str) -> tuple[str, Override]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip() or not value.strip():
        raise click.UsageError(f"--set {text} can't be understood; write --set PARAM=VALUE, as in --set crowded=0.1%")
    return name.strip(), value.strip()


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
