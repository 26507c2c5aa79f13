"""Goldens: texts under `tests/goldens/` that a result is compared with, rewritten by `pytest --rewrite-goldens`."""

from difflib import unified_diff
from pathlib import Path

FOLDER = Path(__file__).parent / "goldens"

used: set[str] = set()
"""Names asked for in this process; `conftest.py` gathers them and reports the files that nobody asked for."""

rewriting = False
"""Set by `conftest.py` from `--rewrite-goldens`."""


def check(name: str, text: str) -> None:
    """Compare a text with the golden `name`, a path below `tests/goldens/`; fail with their difference."""
    used.add(name)
    path = FOLDER / name
    if rewriting:
        _write(path, text)
    assert path.exists(), f"there is no golden `{name}` yet: write it with `pytest --rewrite-goldens`"
    expected = path.read_bytes().decode()
    assert text == expected, _difference(name, expected, text)


def unused() -> list[str]:
    """Return the golden files that no test asked for."""
    return sorted(name for name in _files() if name not in used)


def _files() -> list[str]:
    return [path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def _difference(name: str, expected: str, text: str) -> str:
    lines = unified_diff(expected.splitlines(), text.splitlines(), f"goldens/{name}", "now", lineterm="")
    return "\n".join([f"golden `{name}` differs; accept with `pytest --rewrite-goldens`", *lines])
