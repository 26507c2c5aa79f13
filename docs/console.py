"""Runs the `console` blocks of a page: each line behind `$ ` is a command, and what it prints stands below it.

A command that ends with a backslash goes on in the next line, behind `> `.

All commands of a page run in one folder, with `rules/` and `rulelang/` of the checkout in it. A block of a file that is
introduced as ``as `NAME.rules` ``, `.toml` or `.py`, is saved there under that name first.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
_BLOCK = re.compile(r"^```(console|rules|toml|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"^\$ (?:.*\\\n> )*.*\n", re.MULTILINE)
_MORE = re.compile(r"\s*\\\n>\s*")
_SAVED = re.compile(r"\bas `([\w-]+\.(?:rules|toml|py))`[^`]*\Z")


def pages() -> list[Path]:
    """Return the pages with commands to run: those of docs/ itself and its how-to pages."""
    docs = ROOT / "docs"
    found = sorted([*docs.glob("*.md"), *docs.glob("how-to/*.md")])
    return [page for page in found if has_commands(page.read_text("utf-8"))]


def has_commands(text: str) -> bool:
    """Say whether a page has commands to run."""
    return any(match[1] == "console" for match in _BLOCK.finditer(text))


def ran(text: str, folder: Path) -> str:
    """Return a page with what its commands print now; they run in an empty folder."""
    for name in ("rules", "rulelang"):
        (folder / name).symlink_to(ROOT / name)
    return "".join(_pieces(text, folder))


def _pieces(text: str, folder: Path) -> Iterator[str]:
    end = 0
    for match in _BLOCK.finditer(text):
        before = text[end : match.start()]
        yield before
        if match[1] == "console":
            yield f"```console\n{''.join(_answered(match[2], folder))}```"
        else:
            if (saved := _SAVED.search(before)) is not None:
                (folder / saved[1]).write_text(match[2], "utf-8")
            yield match[0]
        end = match.end()
    yield text[end:]


def _answered(block: str, folder: Path) -> Iterator[str]:
    for command in _COMMAND.findall(block):
        yield command + _printed(_MORE.sub(" ", command[2:]), folder)


def _printed(command: str, folder: Path) -> str:
    """Return what a command prints, errors included, as it would in a pipe."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    found = subprocess.run(
        ["bash", "-c", f"( {command} ) 2>&1"],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout if not found.stdout or found.stdout.endswith("\n") else found.stdout + "\n"
