"""Writes the cases of the conformance kit: gathered inputs, decided by the reference; `make conformance`.

`python -m tests.conformance.make [--draw N] [FILE]`: `--draw` generates N new cases in place of the generated ones.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import rulelang
from rulelang import RuleError, StepRefused
from rulelang.conformance import cases, decided, kit, refused
from tests.conformance.gathering import ROOT, gathered

FILE = ROOT / "rulelang" / "conformance" / "cases.json"
DRAWN = "drawn at random"
"""The origin of generated cases: their inputs stay as they are, whatever generates others today."""


def main() -> None:
    """Write the cases anew."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", nargs="?", type=Path, default=FILE)
    parser.add_argument("--draw", type=int)
    asked = parser.parse_args()
    made = list(complete([*gathered(), *_drawn(asked.draw)]))
    asked.file.write_text(cases.written(made), "utf-8")
    sys.stdout.write(f"{len(made)} cases lie in {asked.file}\n")


def _drawn(count: int | None) -> list[dict[str, Any]]:
    """Return generated cases: so many new ones, or those that are there."""
    if count is not None:
        from tests.conformance.drawing import drawings

        return list(drawings(count))
    return [{**one.asked, "from": one.origin} for one in kit().cases if one.origin == DRAWN]


def complete(inputs: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield cases with what the reference makes of them: each input once, each name once."""
    seen: dict[str, str] = {}
    names: dict[str, int] = {}
    for one in inputs:
        plain = json.loads(json.dumps(one, allow_nan=False))
        key = json.dumps({name: value for name, value in plain.items() if name not in ("name", "from")})
        if key not in seen:
            seen[key] = plain["name"]
            name = re.sub(r"\[.*\]$", "", plain["name"]).replace("_", " ")
            names[name] = names.get(name, 0) + 1
            plain["name"] = name if names[name] == 1 else f"{name}, {names[name]}"
            yield {**plain, "expect": expected(plain)}


def expected(asked: dict[str, Any], engine: str = "reference") -> dict[str, Any]:
    """Return what rulelang answers to a case."""
    try:
        rules = rulelang.loads(asked["rules"], reader=asked.get("files", {}).get, bars=asked.get("bars"))
    except RuleError as error:
        return {"errors": refused(error.diagnostics)}
    given = {name: asked.get(name) for name in ("params", "events")}
    run = rules.start(**given, records=False, engine=engine)  # type: ignore[call-overload]
    return {"steps": [_answer(run, step) for step in asked.get("steps", [])]}


def _answer(run: Any, step: dict[str, Any]) -> dict[str, Any] | None:
    try:
        return decided(run.step(step["time"], step["values"]))
    except StepRefused:
        return None


if __name__ == "__main__":
    main()
