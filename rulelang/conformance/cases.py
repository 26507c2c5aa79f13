"""The cases: a versioned JSON file, a case a line, and what is in it as values."""

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from attrs import field, frozen

FORMAT = 1
"""The form of the file and of the lines to and from a program; another number means that a runner has to change."""

LANGUAGE = "0.1"
"""The version of the language that the cases are of: that of the rulelang which decided them, without its last part."""


@frozen
class Case:
    """A text of rules with what it is given, and what comes of it.

    `asked`: what a program is told, as the JSON of a line. `expected`: what it should answer: `errors`, or `steps`.
    """

    name: str
    origin: str
    asked: Mapping[str, Any] = field(repr=False)
    expected: Mapping[str, Any] = field(repr=False)

    @property
    def is_refusal(self) -> bool:
        """Whether the text has to be refused."""
        return "errors" in self.expected


@frozen
class Kit:
    """All cases, with the versions of their form and of the language."""

    form: int
    language: str
    cases: tuple[Case, ...] = field(repr=False)


def kit() -> Kit:
    """Read the cases that come with the package."""
    return read(files("rulelang.conformance").joinpath("cases.json").read_text("utf-8"))


def read(text: str) -> Kit:
    """Read cases from the text of their file. Raises `ValueError` where its form is another."""
    content = json.loads(text)
    if content["format"] != FORMAT:
        raise ValueError(f"the cases have format {content['format']}; this runner reads format {FORMAT}")
    return Kit(content["format"], content["language"], tuple(map(_case, content["cases"])))


def _case(record: Mapping[str, Any]) -> Case:
    asked = {key: value for key, value in record.items() if key not in ("from", "expect")}
    return Case(record["name"], record["from"], asked, record["expect"])


def written(records: Iterable[Mapping[str, Any]]) -> str:
    """Return the text of a file of cases."""
    lines = ",\n".join(json.dumps(record, ensure_ascii=False, allow_nan=False) for record in records)
    return f'{{"format": {FORMAT}, "language": "{LANGUAGE}", "cases": [\n{lines}\n]}}\n'
