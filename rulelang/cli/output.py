"""Where decisions go: nowhere, CSV, Parquet, or NDJSON records."""

import csv
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Protocol

import click

from rulelang.check import CheckedRules
from rulelang.data import ParquetRows
from rulelang.engine.glances import Glance, Seen
from rulelang.kinds.units import time_text

_ENDINGS = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet", ".pq": "parquet"}
_CHUNK = 1 << 16
"""So many characters are gathered before they are written to a file."""


class Sink(Protocol):
    """Takes decisions one by one."""

    @property
    def wants_records(self) -> bool:
        """Whether decisions should carry their records."""

    @property
    def place(self) -> str | None:
        """What lies where afterwards, if in a file."""

    @property
    def decisions(self) -> int:
        """How many decisions it has taken."""

    def write(self, decision: Glance) -> None:
        """Take the decision of one asset at one step."""

    def flush(self) -> None:
        """Let a reader have what was written."""

    def close(self) -> None:
        """Finish what was written."""


class Nowhere:
    """Keeps nothing: the summary is all that is asked for."""

    wants_records = False
    place = None
    decisions = 0

    def write(self, decision: Glance) -> None:
        pass

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def columns(targets: Sequence[str], several: bool) -> list[str]:
    """Return the names of the columns of a line."""
    names = ["time", "asset"] if several else ["time"]
    for target in targets:
        names += [target, f"{target}_desired", f"{target}_held", f"{target}_rule"]
    return [*names, "active", "alerts"]


def line(decision: Glance, several: bool) -> list[Any]:
    """Return a decision as one line, its time in seconds since 1970, ratios as plain numbers, texts joined by `; `."""
    return [decision.time, *_outcomes(decision, several), decision.standing.active_text, _alerts(decision)]


def _outcomes(decision: Glance, several: bool) -> list[Any]:
    values: list[Any] = [decision.asset] if several else []
    for target in decision.targets:
        values += (target.after, target.desired, target.held, target.last_word)
    return values


def _alerts(decision: Glance) -> str:
    return "; ".join(alert.text for alert in decision.alerts)


_DAY = 86_400
_LAST_DAY = 253_402_214_400
"""Midnight before the last day that has a date of ten characters."""


def _time(seconds: float) -> str:
    """Return a time as `time_text` does, fast where many times lie on one day."""
    if type(seconds) is not int or not 0 <= seconds < _LAST_DAY:
        return time_text(seconds)
    return _date(seconds // _DAY) + _clock(seconds % _DAY)


@lru_cache
def _date(day: int) -> str:
    return time_text(_DAY * day)[:11]


@lru_cache(4096)
def _clock(seconds: int) -> str:
    return time_text(seconds)[11:]


_MOST = 4_096
"""So many lists of active rules are kept as they are written."""


class _Given:
    """Gives a text back."""

    def write(self, text: str) -> str:
        return text


_row = csv.writer(_Given(), lineterminator="\n").writerow
"""Returns values as a line of CSV."""


def _part(values: Sequence[Any]) -> str:
    """Return values as the part of a line of CSV that others come after."""
    whole: str = _row([*values, ""])
    return whole[:-1]


def _targets(rules: CheckedRules) -> list[str]:
    return list(next(iter(rules.programs.values())).targets)


class _Lines:
    """CSV or NDJSON, line by line."""

    def __init__(self, file: "_WholeLines", form: str, rules: CheckedRules, place: str | None) -> None:
        self.file = file
        self.wants_records = form == "ndjson"
        what = "the decisions, each with its record," if self.wants_records else "a line for each decision"
        verb = "lie" if self.wants_records else "lies"
        self.place = None if place is None else f"{what} {verb} in {place}"
        self.decisions = 0
        self.several = bool(rules.assets)
        self.targets = _targets(rules)
        self.outcomes: dict[str | None, tuple[Sequence[Seen], str]] = {}
        self.active: dict[str, str] = {}
        if form == "csv":
            file.write(_row(columns(self.targets, self.several)))

    def write(self, decision: Glance) -> None:
        self.decisions += 1
        if self.wants_records:
            self.file.write(json.dumps(decision.decision().record, allow_nan=False) + "\n")
        else:
            alerts = _row(["", _alerts(decision)])[1:] if decision.alerts else "\n"
            self.file.write(f"{_time(decision.time)},{self._outcomes(decision)}{self._active(decision)}{alerts}")

    def _outcomes(self, decision: Glance) -> str:
        """Return what stands in a line of its targets; often that is what stands in the asset's line before."""
        before = self.outcomes.get(decision.asset)
        if before is None or before[0] is not decision.targets:
            before = decision.targets, _part(_outcomes(decision, self.several))
            self.outcomes[decision.asset] = before
        return before[1]

    def _active(self, decision: Glance) -> str:
        """Return what stands in a line of active rules; they are often so again."""
        text = decision.standing.active_text
        if text not in self.active:
            if len(self.active) > _MOST:
                self.active.clear()
            self.active[text] = _part([text])
        return self.active[text]

    def flush(self) -> None:
        self.file.flush()

    def close(self) -> None:
        self.flush()


class _WholeLines:
    """A file that gets many whole lines at a time: cut off, it ends with one (but for a kill amid such a write).

    `name`: how the command line names it; `None`: standard output.
    """

    def __init__(self, file: IO[bytes], name: str | None) -> None:
        self.file = file
        self.name = name
        self.waiting: list[str] = []
        self.size = 0

    def write(self, text: str) -> None:
        self.waiting.append(text)
        self.size += len(text)
        if self.size > _CHUNK:
            self.flush()

    def flush(self) -> None:
        data = memoryview("".join(self.waiting).encode())
        self.waiting, self.size = [], 0
        with _written(self.name):
            while data:
                data = data[self.file.write(data) :]
            self.file.flush()


class _Parquet:
    """Parquet, written as a whole at the end."""

    wants_records = False

    def __init__(self, path: Path, rules: CheckedRules, place: str) -> None:
        self.path = path
        self.place = f"a row for each decision lies in {place}"
        self.several = bool(rules.assets)
        self.targets = _targets(rules)
        numbers = {name for target in self.targets for name in (target, f"{target}_desired")}
        names = columns(self.targets, self.several)
        self.rows = ParquetRows({n: "time" if n == "time" else "number" if n in numbers else "text" for n in names})

    def write(self, decision: Glance) -> None:
        self.rows.add(line(decision, self.several))

    @property
    def decisions(self) -> int:
        return len(self.rows)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.rows.write(self.path)


# --- choosing and opening


def form_of(form: str | None, output: str | None, read: Sequence[str]) -> str:
    """Return the format that is asked for; refuse one that can't be, before any work is done.

    `read`: the files of the run; none of them may be written over.
    """
    form = form or ("table" if output is None else _by_ending(output))
    if output is None:
        if form == "parquet":
            raise click.UsageError("--format parquet needs a file: -o FILE.parquet")
        return form
    if form == "table":
        raise click.UsageError("a table goes to the terminal; with -o write .csv, .ndjson or .parquet")
    path = Path(output)
    if path.is_dir():
        raise click.UsageError(f"-o {output} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise click.UsageError(f"-o {output}: there is no folder {path.parent}; make it first")
    if any(path.resolve() == Path(name).resolve() for name in read if name != "-"):
        raise click.UsageError(f"-o {output} would write over a file that is read; name another")
    return form


def _by_ending(output: str) -> str:
    ending = Path(output).suffix.lower()
    if ending not in _ENDINGS:
        raise click.UsageError(
            f"-o {output}: the ending tells no format; use .csv, .ndjson or .parquet, or give --format"
        )
    return _ENDINGS[ending]


@contextmanager
def opened_sink(form: str, output: str | None, rules: CheckedRules) -> Iterator[Sink]:
    """Open where decisions go.

    A file is written beside its name, `….partial`, and gets the name when it is whole. Cut off by an error or by
    Ctrl-C, the part stays and can be read; an earlier file of that name is untouched.
    """
    if form == "table":
        yield Nowhere()
        return
    if output is None:
        sys.stdout.flush()
        sink: Sink = _Lines(_WholeLines(sys.stdout.buffer, None), form, rules, None)
        try:
            yield sink
        finally:
            sink.close()
        return
    path = Path(output)
    plain = path.is_file() or not path.exists()  # else a pipe or a device: nothing to put in its place
    partial = Path(output + ".partial") if plain else path
    with _written(output):
        file = partial.open("wb", buffering=0)
    with file:
        sink = Nowhere()
        try:
            if form == "parquet":
                sink = _Parquet(partial, rules, output)
            else:
                sink = _Lines(_WholeLines(file, output), form, rules, output)
            yield sink
        except BaseException:
            _leave(sink, partial)
            raise
        with _written(output):
            sink.close()
    if plain:
        with _written(output):
            os.replace(partial, path)


def _leave(sink: Sink, partial: Path) -> None:
    """Finish the part of a run that was cut off, or remove it where nothing was decided."""
    with suppress(click.ClickException, OSError):
        sink.close()
        if sink.decisions:
            click.echo(f"what was decided until then lies in {partial}", err=True)
        else:
            partial.unlink()


@contextmanager
def _written(output: str | None) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if output is None:
            raise
        raise click.UsageError(f"-o {output} can't be written: {error.strerror}") from None
