"""Where decisions go: a table for people, CSV, Parquet, or NDJSON records; and the summary at the end."""

import csv
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

import click

from rulelang.check import CheckedRules
from rulelang.cli.tally import KEPT, Tally
from rulelang.evaluate import AssetDecision
from rulelang.kinds import value_text
from rulelang.kinds.units import time_text

_ENDINGS = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet", ".pq": "parquet"}


class Sink(Protocol):
    """Takes decisions one by one."""

    @property
    def wants_records(self) -> bool:
        """Whether decisions should carry their records."""

    @property
    def place(self) -> str | None:
        """Where the decisions lie afterwards, if in a file."""

    def write(self, decision: AssetDecision) -> None:
        """Take the decision of one asset at one step."""

    def close(self) -> None:
        """Finish what was written."""


class Nowhere:
    """Keeps nothing: the summary is all that is asked for."""

    wants_records = False
    place = None

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
    """Return a decision as one line: ratios as plain numbers, texts joined by `; `."""
    values: list[Any] = [time_text(decision.time)] + ([decision.asset] if several else [])
    for target in targets:
        outcome = decision.targets[target]
        values += [outcome.after, outcome.desired, outcome.held, outcome.last_word]
    active = "; ".join(name for name, on in decision.active.items() if on)
    return [*values, active, "; ".join(alert.text for alert in decision.alerts)]


class _Lines:
    """CSV or NDJSON, line by line."""

    def __init__(self, file: IO[str], form: str, rules: CheckedRules, place: str | None, flush: bool) -> None:
        self.file, self.place, self.flush = file, place, flush
        self.wants_records = form == "ndjson"
        self.several = bool(rules.assets)
        self.targets = list(next(iter(rules.programs.values())).targets)
        self.csv = csv.writer(file, lineterminator="\n")
        if form == "csv":
            self.csv.writerow(columns(self.targets, self.several))
            if flush:
                file.flush()

    def write(self, decision: AssetDecision) -> None:
        if self.wants_records:
            self.file.write(json.dumps(decision.record, allow_nan=False) + "\n")
        else:
            self.csv.writerow(line(decision, self.targets, self.several))
        if self.flush:
            self.file.flush()

    def close(self) -> None:
        self.file.flush()


class _Parquet:
    """Parquet, written as a whole at the end."""

    wants_records = False

    def __init__(self, path: Path, rules: CheckedRules, place: str) -> None:
        self.path, self.place = path, place
        self.several = bool(rules.assets)
        self.targets = list(next(iter(rules.programs.values())).targets)
        self.rows: list[list[Any]] = []

    def write(self, decision: AssetDecision) -> None:
        self.rows.append(line(decision, self.targets, self.several))

    def close(self) -> None:
        import polars

        names = columns(self.targets, self.several)
        floats = {name for target in self.targets for name in (target, f"{target}_desired")}
        schema = {name: polars.Float64 if name in floats else polars.String for name in names}
        frame = polars.DataFrame(self.rows, schema=schema, orient="row")
        time = polars.col("time").str.to_datetime("%Y-%m-%dT%H:%M%#z", time_zone="UTC", time_unit="ms")
        frame.with_columns(time).write_parquet(self.path)


def _form(form: str | None, output: str | None) -> str:
    if form is not None:
        return form
    if output is None:
        return "table"
    ending = Path(output).suffix.lower()
    if ending not in _ENDINGS:
        raise click.UsageError(
            f"-o {output}: the ending tells no format; use .csv, .ndjson or .parquet, or give --format"
        )
    return _ENDINGS[ending]


@contextmanager
def opened_sink(form: str | None, output: str | None, rules: CheckedRules, flush: bool = False) -> Iterator[Sink]:
    """Open where decisions go. A file is written beside its name, `….partial`, and gets the name when it is whole."""
    form = _form(form, output)
    if form == "table":
        if output is not None:
            raise click.UsageError("a table goes to the terminal; with -o write .csv, .ndjson or .parquet")
        yield Nowhere()
        return
    if output is None:
        if form == "parquet":
            raise click.UsageError("--format parquet needs a file: -o FILE.parquet")
        sink: Sink = _Lines(sys.stdout, form, rules, None, flush)
        yield sink
        sink.close()
        return
    path, partial = Path(output), Path(output + ".partial")
    try:
        if form == "parquet":
            yield (sink := _Parquet(partial, rules, output))
            sink.close()
        else:
            with partial.open("w", encoding="utf-8", newline="") as file:
                yield (sink := _Lines(file, form, rules, output, flush))
                sink.close()
        os.replace(partial, path)
    except OSError as error:
        raise click.UsageError(f"{output} can't be written: {error.strerror}") from None


# --- the summary


def summarised(tally: Tally, rules: CheckedRules, sink: Sink, width: int) -> str:
    """Return what a person wants to know of a run: targets, rules, last changes, and where the record lies."""
    if not tally.bars:
        return ""
    assert tally.first is not None and tally.last is not None
    several = bool(rules.assets)
    kinds = {name: target.kind for name, target in next(iter(rules.programs.values())).targets.items()}
    lines = ["", f"{tally.bars:,} decisions from {time_text(tally.first)} to {time_text(tally.last)}", ""]
    lines += _table(_target_rows(tally, kinds, several), width)
    lines += ["", *_table(_rule_rows(tally, several), width)]
    changes = _change_rows(tally, kinds, several)
    if len(changes) > 1:
        total = sum(target.changes for target in tally.targets.values())
        title = f"all {total} changes" if total <= KEPT else f"the last {KEPT} of {total:,} changes"
        lines += ["", f"{title}:", "", *_table(changes, width)]
    if tally.rejected:
        refused = ", ".join(f"{name} {count:,} times" for name, count in tally.rejected.most_common())
        lines += ["", f"out of bounds, so counted as missing: {refused}"]
    if sink.place is not None:
        lines += ["", f"the full record lies in {sink.place}"]
    return "\n".join(lines) + "\n"


def _name(asset: str | None, name: str, several: bool) -> str:
    return f"{asset} {name}" if several else name


def _target_rows(tally: Tally, kinds: dict[str, Any], several: bool) -> list[list[str]]:
    rows = [["target", "average", "lowest", "highest", "changes", "held back", "frozen bars"]]
    for (asset, name), found in tally.targets.items():
        kind = kinds[name]
        held = ", ".join(f"{brake} {count:,}" for brake, count in found.held.most_common()) or "-"
        average = float(f"{found.total / found.bars:.4g}")
        shown = [value_text(value, kind) for value in (average, found.lowest, found.highest)]
        rows.append([_name(asset, name, several), *shown, f"{found.changes:,}", held, f"{found.frozen:,}"])
    return rows if len(rows) > 1 else []


def _rule_rows(tally: Tally, several: bool) -> list[list[str]]:
    rows = [["rule", "times active", "bars active", "last active"]]
    bars = max((target.bars for target in tally.targets.values()), default=tally.bars)
    for (asset, name), found in tally.rules.items():
        share = f"{found.bars:,} ({found.bars / bars:.1%})" if found.bars else "never"
        last = "-" if found.last is None else time_text(found.last)
        rows.append([_name(asset, name, several), f"{found.times:,}", share, last])
    return rows if len(rows) > 1 else []


def _change_rows(tally: Tally, kinds: dict[str, Any], several: bool) -> list[list[str]]:
    rows = [["time", "target", "from", "to", "wanted", "by"]]
    for decision, name in tally.changes:
        outcome, kind = decision.targets[name], kinds[name]
        shown = [value_text(v, kind) for v in (outcome.before, outcome.after, outcome.desired)]
        word = outcome.last_word or "no rule"
        limits = [part.rule for part in outcome.parts if part.what in ("floor", "cap", "corridor")]
        by = f"{word}, limited by {', '.join(limits)}" if limits else word
        rows.append([time_text(decision.time), _name(decision.asset, name, several), *shown, by])
    return rows


def _table(rows: list[list[str]], width: int) -> list[str]:
    """Return rows as aligned columns; the first row is the heading, numbers stand at the right."""
    if not rows:
        return []
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    right = [all(row[at][:1].isdigit() or row[at][:1] in "-n" for row in rows[1:]) for at in range(len(rows[0]))]
    right[0] = False
    lines = []
    for at, row in enumerate(rows):
        cells = [cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(row, widths, right, strict=True)]
        lines.append("  ".join(cells).rstrip()[:width])
        if at == 0:
            lines.append("  ".join("-" * w for w in widths)[:width])
    return lines
