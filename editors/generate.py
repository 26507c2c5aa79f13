"""Writes grammar/rulelang.tmLanguage.json, by which editors colour rule files, from the table that Pygments uses too.

`--check` fails where the file differs.
"""

# ruff: noqa: E402  (the library is found by the path above)

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from rulelang.editor.colours import Colour, Row, rows

GRAMMAR = ROOT / "grammar" / "rulelang.tmLanguage.json"


def made() -> str:
    """Return the text of the grammar."""
    grammar = {
        "$comment": "made by editors/generate.py from rulelang/editor/colours.py; `make docs` writes it anew",
        "name": "rulelang",
        "scopeName": "source.rulelang",
        "fileTypes": ["rules"],
        "patterns": [{"include": "#comment"}, {"include": "#text"}, {"include": "#code"}],
        "repository": {
            "comment": {"name": scope(Colour.COMMENT), "match": "#.*"},
            "text": text(),
            "hole": hole(),
            "code": {"patterns": [rule(row) for row in rows()]},
        },
    }
    return json.dumps(grammar, indent=1, ensure_ascii=False) + "\n"


def scope(colour: Colour) -> str:
    """Return a scope with the language's name."""
    return f"{colour.scope}.rulelang"


def text() -> dict[str, Any]:
    """Return the rule for a text in quotes; one that is not closed ends with its line."""
    return {
        "name": scope(Colour.TEXT),
        "begin": '"',
        "end": '"|$',
        "beginCaptures": {"0": {"name": "punctuation.definition.string.begin.rulelang"}},
        "endCaptures": {"0": {"name": "punctuation.definition.string.end.rulelang"}},
        "patterns": [{"include": "#hole"}],
    }


def hole() -> dict[str, Any]:
    """Return the rule for an expression in braces."""
    brace = {"0": {"name": scope(Colour.BRACE)}}
    return {
        "contentName": "meta.embedded.line.rulelang",
        "begin": r"\{",
        "end": r'\}|(?=")|$',
        "beginCaptures": brace,
        "endCaptures": brace,
        "patterns": [{"include": "#code"}],
    }


def rule(row: Row) -> dict[str, Any]:
    """Return a row as a rule: one scope for all of it, or one for each part that has a colour."""
    if len(row.parts) == 1:
        ((pattern, colour),) = row.parts
        assert colour is not None
        return {"name": scope(colour), "match": pattern}
    captures = {str(n): {"name": scope(colour)} for n, (_, colour) in enumerate(row.parts, 1) if colour is not None}
    return {"match": row.pattern, "captures": captures}


def main(arguments: list[str]) -> int:
    """Write the grammar, or check it."""
    if arguments not in ([], ["--check"]):
        print("usage: python editors/generate.py [--check]")
        return 2
    same = GRAMMAR.exists() and GRAMMAR.read_text("utf-8") == made()
    if arguments:
        print("the grammar is as the tables say" if same else "the grammar differs: run `make docs`")
        return 0 if same else 1
    GRAMMAR.write_text(made(), "utf-8")
    print("wrote grammar/rulelang.tmLanguage.json")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
