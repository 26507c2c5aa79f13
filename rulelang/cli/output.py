"""Where decisions go: nowhere, CSV, Parquet, or NDJSON records."""

import csv
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol

import click

from rulelang.check import CheckedRules
from rulelang.data import ParquetRows
from rulelang.evaluate import AssetDecision
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

    def write(self, decision: AssetDecision) -> None:
        """Take the decision of one asset at one step."""

    def close(self) -> None:
        """Finish what was written."""


class Nowhere:
    """Keeps nothing: the summary is all that is asked for."""

    wants_records = False
    place = None
    decisions = 0

    def write(self, decision: AssetDecision) -> None:
        pass

    def close(self) -> None:
        pass


def columns(targets: Sequence[str], several: bool) -> list[str]:
    """Return the names of the columns of a line."""
    names = ["time", "asset"] if several else ["time"]
    for target in targets:
        names += [target, f"{target}_desired", f"{target}_held", f"{target}_rule"]
    return [*names, "active", "alerts"]


def line(decision: AssetDecision, targets: Sequence[str], several: bool) -> list[Any]:
    """Return a decision as one line, its time in seconds since 1970, ratios as plain numbers, texts joined by `; `."""
    values: list[Any] = [decision.time] + ([decision.asset] if several else [])
    for target in targets:
        outcome = decision.targets[target]
        values += [outcome.after, outcome.desired, outcome.held, outcome.last_word]
    active = "; ".join(name for name, on in decision.active.items() if on)
    return [*values, active, "; ".join(alert.text for alert in decision.alerts)]


def _targets(rules: CheckedRules) -> list[str]:
    return list(next(iter(rules.programs.values())).targets)


class _Lines:
    """CSV or NDJSON, line by line."""

    def __init__(
        self, file: "IO[str] | _WholeLines | _AtOnce", form: str, rules: CheckedRules, place: str | None
    ) -> None:
        self.file = file
        self.wants_records = form == "ndjson"
        what = "the decisions, each with its record," if self.wants_records else "a line for each decision"
        verb = "lie" if self.wants_records else "lies"
        self.place = None if place is None else f"{what} {verb} in {place}"
        self.decisions = 0
        self.several = bool(rules.assets)
        self.targets = _targets(rules)
        self.csv = csv.writer(file, lineterminator="\n")
        if form == "csv":
            self.csv.writerow(columns(self.targets, self.several))

    def write(self, decision: AssetDecision) -> None:
        self.decisions += 1
        if self.wants_records:
            self.file.write(json.dumps(decision.record, allow_nan=False) + "\n")
        else:
            time, *rest = line(decision, self.targets, self.several)
            self.csv.writerow([time_text(time), *rest])

    def close(self) -> None:
        self.file.flush()


class _WholeLines:
    """A file that gets many whole lines at a time: cut off, it ends with one (but for a kill amid such a write)."""

    def __init__(self, file: IO[bytes], name: str, at_once: bool) -> None:
        self.file = file
        self.name = name
        self.most = 0 if at_once else _CHUNK
        self.waiting: list[str] = []
        self.size = 0

    def write(self, text: str) -> None:
        self.waiting.append(text)
        self.size += len(text)
        if self.size > self.most:
            self.flush()

    def flush(self) -> None:
        data = memoryview("".join(self.waiting).encode())
        self.waiting, self.size = [], 0
        with _written(self.name):
            while data:
                data = data[self.file.write(data) :]


class _AtOnce:
    """Standard output for a reader that waits for each line."""

    def __init__(self, file: IO[str]) -> None:
        self.file = file

    def write(self, text: str) -> int:
        written = self.file.write(text)
        self.file.flush()
        return written

    def flush(self) -> None:
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

    def write(self, decision: AssetDecision) -> None:
        self.rows.add(line(decision, self.targets, self.several))

    @property
    def decisions(self) -> int:
        return len(self.rows)

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
def opened_sink(form: str, output: str | None, rules: CheckedRules, at_once: bool = False) -> Iterator[Sink]:
    """Open where decisions go; `at_once` for a reader that waits for each line.

    A file is written beside its name, `….partial`, and gets the name when it is whole. Cut off by an error or by
    Ctrl-C, the part stays and can be read; an earlier file of that name is untouched.
    """
    if form == "table":
        yield Nowhere()
        return
    if output is None:
        out = _AtOnce(sys.stdout) if at_once else sys.stdout
        sink: Sink = _Lines(out, form, rules, None)
        yield sink
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
                sink = _Lines(_WholeLines(file, output, at_once), form, rules, output)
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
def _written(output: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise click.UsageError(f"-o {output} can't be written: {error.strerror}") from None
