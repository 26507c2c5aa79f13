"""The parser's table: built from the grammar once (at install where that is possible) and kept beside this file."""

import io
import os
import pickle
import sys
import zlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import lark

_STARTS = ["file", "statement", "expression"]
_OPTIONS: dict[str, Any] = {"parser": "lalr", "lexer": "basic", "keep_all_tokens": True, "maybe_placeholders": False}


def grammar() -> str:
    """Return the text of the grammar."""
    found = find_spec("rulelang.grammar")
    assert found is not None and found.submodule_search_locations is not None
    return Path(found.submodule_search_locations[0], "rulelang.lark").read_text("utf-8")


def fresh(**options: Any) -> lark.Lark:
    """Return a parser built from the grammar itself."""
    return lark.Lark(grammar(), start=_STARTS, **_OPTIONS, **options)


def _stamp() -> bytes:
    """Return what a table depends on, in 32 bytes: the versions, and the grammar's length and checksum."""
    text = grammar().encode()
    facts = f"{lark.__version__} {sys.version_info[0]}.{sys.version_info[1]} {len(text)} {zlib.crc32(text):x}"
    return facts.encode().ljust(32)[:32]


def build(path: Path) -> None:
    """Write the table to a file, whole or not at all."""
    body = io.BytesIO()
    fresh().save(body)
    content = _stamp() + body.getvalue()
    import tempfile

    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.chmod(name, 0o644)
    os.replace(name, path)


def _read(path: Path, transformer: object) -> lark.Lark | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    stamp, body = content[:32], content[32:]
    if stamp != _stamp():
        return None
    try:
        data = pickle.loads(body)
        parser: lark.Lark = lark.Lark.__new__(lark.Lark)
        parser._load(data, transformer=transformer)
    except Exception:  # a damaged table is built anew, whatever is wrong with it
        return None
    return parser


def places() -> list[Path]:
    """Return where the table is looked for, and kept: beside this file, else in the user's cache."""
    beside = Path(__file__).with_name("grammar.table")
    return [beside, Path.home() / ".cache" / "rulelang" / "grammar.table"]


def load(transformer: object) -> lark.Lark:
    """Return a parser that hands its reductions to the transformer, from a kept table where there is one."""
    for place in places():
        if (parser := _read(place, transformer)) is not None:
            return parser
    for place in places():
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            build(place)
        except OSError:
            continue
        if (parser := _read(place, transformer)) is not None:
            return parser
    return fresh(transformer=transformer)


if __name__ == "__main__":
    build(places()[0])
