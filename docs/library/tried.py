"""Runs the commands of the pages as one types them, and keeps what they found."""

import io
import json
import tempfile
from contextlib import chdir
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
from attrs import define
from click.testing import CliRunner
from runs import ROOT, Trial

from rulelang.cli.commands import commands

WIDTH = {"COLUMNS": "100", "NO_COLOR": "1"}


@define(slots=False)
class Tried:
    """A trial of a strategy, and what its command found."""

    strategy: str
    trial: Trial

    @cached_property
    def found(self) -> dict[str, Any]:
        """Everything that `backtest` tells, as from its JSON."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "found.json"
            printed([*self.trial.words(self.strategy), "--format", "json", "--output", str(path)])
            return dict(json.loads(path.read_text("utf-8")))

    @cached_property
    def decided(self) -> pl.DataFrame:
        """What `run` decides, a line a bar."""
        text = printed([*self.trial.words(self.strategy), "--format", "csv"])
        return pl.read_csv(io.StringIO(text), infer_schema_length=None)

    @cached_property
    def told(self) -> str:
        """What `run` prints of its targets and rules."""
        text = printed(self.trial.words(self.strategy))
        tables = text[text.index("\ntarget ") :]
        changes = tables.find("\n\ntime ")
        return (tables if changes < 0 else tables[: tables.rindex("\n\n", 0, changes)]).strip()


def printed(words: list[str]) -> str:
    """Return what a command prints, run in the checkout. Raises `RuntimeError` where it fails."""
    with chdir(ROOT):
        found = CliRunner().invoke(commands, words, env=WIDTH)
    if found.exit_code:
        raise RuntimeError(f"rulelang {' '.join(words)}: {found.output}") from found.exception
    return found.stdout
