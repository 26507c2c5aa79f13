"""`rulelang run`: rules over market data; report of the data first, then what was decided."""

import gc
import sys
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import click
from attrs import frozen

from rulelang.check import CheckedRules
from rulelang.cli import terminal
from rulelang.cli.market import Asked, Reading, dates, moment, payload, problems_shown
from rulelang.cli.output import Sink, form_of, opened_sink
from rulelang.cli.summary import summarised
from rulelang.cli.tally import BareTally, Tally
from rulelang.data import Stream
from rulelang.engine.glances import Glance, Glances, glance
from rulelang.engine.run import EngineRun
from rulelang.evaluate import Run
from rulelang.evaluate.steps import KEPT
from rulelang.explain.recall import engine_run
from rulelang.kinds.units import time_text

Step = tuple[int, dict[str | None, dict[str, Any]]]
Decide = Callable[[int, dict[str | None, dict[str, Any]]], Iterable[Glance]]
_LONG = 5_000
"""From so many steps on, a terminal is shown how far the work is."""


@frozen
class Order:
    """What the command line asks for."""

    asked: Asked
    start: str | None
    end: str | None
    cold: bool
    form: str | None
    output: str | None
    engine: str


def run(order: Order) -> int:
    """Run rules over data; return the exit code."""
    with problems_shown():
        return _Running(order).run()


class _Running:
    """One call of `rulelang run`."""

    def __init__(self, order: Order) -> None:
        self.order, self.reading = order, Reading(order.asked)
        self.start, self.end = moment(order.start, "--from"), moment(order.end, "--to")
        if self.start is not None and self.end is not None and self.start > self.end:
            raise click.UsageError(f"--from {order.start} is after --to {order.end}")
        self.form = form_of(order.form, order.output, self.reading.files)
        self.sink: Sink | None = None

    def run(self) -> int:
        gc.enable()
        source = self.reading.stream(self._before_waiting)
        if source is not None:
            return self._stream(source)
        market = self.reading.market()
        total = self._steps_taken(market.steps.times)
        self._say(market.report.lines())
        rules = self.reading.rules(market.bars, warn=True)
        self.reading.warn_of_events(rules, market.events, self.start or market.steps.times[0])
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
        run = self._started(rules, events, sink.wants_records)
        decide = _deciding(run, sink.wants_records)
        tally = Tally() if self._to_person() else BareTally()
        with progress(total) as advance:
            for at, values in steps:
                if self.end is not None and at > self.end:
                    break
                early = self.start is not None and at < self.start
                if early and self.order.cold:
                    continue
                advance()
                if tally.begun is None:
                    tally.begun = at
                tally.warming += early
                if early and sink.wants_records and isinstance(run, EngineRun):
                    run.catch_up()
                for decision in decide(at, values):
                    if not early:
                        tally.count(decision)
                        sink.write(decision)
        return tally

    def _started(self, rules: CheckedRules, events: Mapping[str, Sequence[float]], records: bool) -> EngineRun | Run:
        if self.order.engine == "reference":
            return Run(rules, dates(events), records)
        return engine_run(rules, dates(events), KEPT if records else 0)

    def _close(self, tally: Tally, rules: CheckedRules, sink: Sink) -> None:
        if self._to_person():
            self._say(summarised(tally, rules, sink, terminal.width()).splitlines())

    # --- standard input, line by line

    def _stream(self, source: Stream) -> int:
        rules = self.reading.rules(None, warn=True)
        self.reading.warn_of_events(rules, source.events, self.start or time.time())
        with opened_sink(self.form, self.order.output, rules) as sink:
            self.sink = sink
            source.tell = partial(self.reading.warn_of_lacking, rules)
            tally = self._decide(rules, source.events, source, 0, sink)
        self._say(source.report.lines())
        if not tally.bars:
            raise click.UsageError("no bar of standard input lies in the time asked for")
        self._close(tally, rules, sink)
        return 0

    def _before_waiting(self) -> None:
        """Let a reader have what was decided, before a line is waited for."""
        if self.sink is not None:
            self.sink.flush()


def _deciding(run: EngineRun | Run, records: bool) -> Decide:
    """Return what takes a step with what a reader hands over; an asset without a row has no bar."""
    if isinstance(run, EngineRun) and not records:
        return Glances(run).step

    def decide(at: int, values: dict[str | None, dict[str, Any]]) -> Iterator[Glance]:
        mine = payload(run, values)
        return map(glance, () if mine is None else run.step(at, mine).by_asset.values())

    return decide


@contextmanager
def progress(total: int, label: str = "deciding") -> Iterator[Any]:
    """Show a bar on a terminal where there is much to do; give a function that counts a step."""
    if total < _LONG or not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=total, file=sys.stderr, label=label) as bar:
        seen = 0

        def advance() -> None:
            nonlocal seen
            seen += 1
            if seen % 500 == 0:
                bar.update(500)

        yield advance
        bar.update(seen % 500)
