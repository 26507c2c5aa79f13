"""The house rules as a test: who may import whom, what the pure rooms may not touch, how long things may get.

A new room, arrow or outside package belongs into the table below, and into `docs/development.md`.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen

PACKAGE = Path(__file__).parent.parent / "rulelang"
LONGEST_MODULE = 600
LONGEST_FUNCTION = 60


@frozen
class Room:
    """What a room may import: rooms or single modules of them, packages from outside (attrs always), the world."""

    rooms: str = ""
    packages: str = ""
    pure: bool = True


ROOMS = {
    "grammar": Room(),
    "text": Room(),
    "syntax": Room("text", packages="lark"),
    "kinds": Room("text"),
    "fields": Room("kinds"),
    "functions": Room("kinds", packages="numpy"),
    "check": Room("text syntax kinds fields functions"),
    "evaluate": Room("check functions kinds fields text syntax"),
    "engine": Room(
        "check functions kinds fields text evaluate.decision evaluate.steps evaluate.targets", packages="numpy cython"
    ),
    "explain": Room("check functions kinds fields text syntax evaluate engine"),
    "testing": Room("check functions kinds fields text syntax evaluate"),
    "hedging": Room("kinds"),
    "plan": Room("check functions kinds fields text evaluate hedging"),
    "data": Room("fields kinds text", packages="polars narwhals numpy icalendar", pure=False),
    "api": Room(
        "text syntax kinds fields functions check evaluate engine explain data",
        packages="narwhals polars numpy",
        pure=False,
    ),
    "backtest": Room("check fields kinds text engine hedging plan data report", packages="numpy"),
    "editor": Room(
        "text syntax kinds fields functions check evaluate engine explain testing data api "
        "backtest.decisions backtest.gather",
        packages="pygls lsprotocol pygments numpy",
        pure=False,
    ),
    "report": Room("kinds text evaluate engine explain backtest", packages="numpy", pure=False),
    "conformance": Room("kinds text evaluate", pure=False),
    "cli": Room(
        "text syntax kinds fields functions check evaluate engine explain testing hedging plan data backtest report "
        "api conformance editor",
        packages="click",
        pure=False,
    ),
}
MODULES_OF_ROOMS = dict.fromkeys(("__init__", "api", "frames", "over", "rulefile"), "api") | {"__main__": "cli"}
"""Modules that lie outside a folder; `rulelang` itself is the library's face."""

MAY_TOUCH_THE_WORLD = {"rulelang.syntax.table"}
"""Keeps the parser's table in a file."""

BUILTIN_EFFECTS = ("print", "open", "input", "breakpoint", "eval", "exec")
EFFECTS = (
    *(f"builtins.{name}" for name in BUILTIN_EFFECTS),
    *("os", "io.open", "pathlib.Path.open", "pathlib.Path.cwd", "pathlib.Path.home", "tempfile", "shutil", "logging"),
    *("sys.argv", "sys.stdin", "sys.stdout", "sys.stderr", "subprocess", "socket", "urllib.request"),
    *("time", "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"),
    *("random", "secrets", "uuid.uuid1", "uuid.uuid4", "numpy.random"),
)
FILE_METHODS = {"read_text", "read_bytes", "write_text", "write_bytes"}


# What a module does ───────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Module:
    """One module: its dotted name, its room, and its text."""

    name: str
    room: str
    text: str
    is_package: bool = False

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)


def modules() -> list[Module]:
    return [module(path) for path in sorted(PACKAGE.rglob("*.py"))]


def module(path: Path) -> Module:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    room = parts[0] if len(parts) > 1 else MODULES_OF_ROOMS.get(parts[0], parts[0])
    name = ".".join(["rulelang", *parts]).removesuffix(".__init__")
    return Module(name, room, path.read_text("utf-8"), is_package=parts[-1] == "__init__")


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of everything imported, inside functions and by `import_module("…")` too."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(names=names):
                origin = _origin(node, module)
                yield from ((node.lineno, f"{origin}.{alias.name}") for alias in names)
            case ast.Call(args=[ast.Constant(value=str(name)), *_]) if _last_name(node.func) in DYNAMIC_IMPORTS:
                yield node.lineno, name


DYNAMIC_IMPORTS = {"import_module", "__import__"}


def _origin(node: ast.ImportFrom, module: Module) -> str:
    """Return the module that `from … import` names, relative ones counted from where they stand."""
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    kept = parts[: len(parts) - node.level + module.is_package]
    return ".".join([*kept, *filter(None, [node.module])])


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def uses(module: Module) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of everything read, as it is called where it comes from: `dt.now` by its full name."""
    known = dict(_local_names(module))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            first, _, rest = _dotted(node).partition(".")
            if first:
                yield node.lineno, f"{known.get(first, f'builtins.{first}')}.{rest}".rstrip(".")


def _local_names(module: Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module.tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    first = alias.name.partition(".")[0]
                    yield (alias.asname, alias.name) if alias.asname else (first, first)
            case ast.ImportFrom(names=names):
                yield from ((alias.asname or alias.name, f"{_origin(node, module)}.{alias.name}") for alias in names)


def _dotted(node: ast.expr) -> str:
    """Return `a.b.c` of names and attributes, nothing of any other expression."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name) if inner := _dotted(value):
            return f"{inner}.{name}"
    return ""


# What it may not do ───────────────────────────────────────────────────────────────────────────────────────────────────


def violations(module: Module) -> list[str]:
    if module.room not in ROOMS:
        return [f"{module.name}: the room `{module.room}` is not in the table"]
    found = [*_imports_astray(module), *_effects(module), *_too_long(module), *_unexplained(module)]
    return [f"{module.name}:{line}: {fault}" for line, fault in sorted(set(found))]


def _imports_astray(module: Module) -> Iterator[tuple[int, str]]:
    room = ROOMS[module.room]
    packages = {"attrs", "attr", *room.packages.split(), *sys.stdlib_module_names}
    for line, name in imports(module):
        if (package := name.partition(".")[0]) != "rulelang":
            if package not in packages:
                yield line, f"`{module.room}` may not import the package `{package}`"
        elif (other := _room_of(name)) not in {module.room, *room.rooms.split()} and not _one_of(name, room):
            yield line, f"`{module.room}` may not import `{other}`"


def _one_of(name: str, room: Room) -> bool:
    """Say whether a name is of a single module that a room may import."""
    return any(f"{name}.".startswith(f"rulelang.{one}.") for one in room.rooms.split() if "." in one)


def _room_of(name: str) -> str:
    """Return the room of an imported name: `rulelang.load` is the library's face, as `rulelang` is."""
    second = [*name.split("."), "api"][1]
    return second if second in ROOMS else MODULES_OF_ROOMS.get(second, "api")


def _effects(module: Module) -> Iterator[tuple[int, str]]:
    if not ROOMS[module.room].pure or module.name in MAY_TOUCH_THE_WORLD:
        return
    for line, name in [*imports(module), *uses(module)]:
        if any(name == effect or name.startswith(f"{effect}.") for effect in EFFECTS):
            yield line, f"`{module.room}` is pure: no `{name.removeprefix('builtins.')}`"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FILE_METHODS:
            yield node.lineno, f"`{module.room}` is pure: no `.{node.func.attr}()`"


def _too_long(module: Module) -> Iterator[tuple[int, str]]:
    if (length := len(module.text.splitlines())) > LONGEST_MODULE:
        yield 1, f"the module has {length} lines, more than {LONGEST_MODULE}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield node.lineno, f"`{node.name}` has {length} lines, more than {LONGEST_FUNCTION}"


def _unexplained(module: Module) -> Iterator[tuple[int, str]]:
    if module.tree.body and not ast.get_docstring(module.tree):
        yield 1, "the first line does not say what the module is for"


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_the_house_rules_hold(module: Module) -> None:
    assert not violations(module), "\n".join(violations(module))


# That the walker sees what it should ──────────────────────────────────────────────────────────────────────────────────


def faults(room: str, text: str, name: str = "", *, is_package: bool = False) -> list[str]:
    found = violations(Module(name or f"rulelang.{room}.sample", room, f'"""Is a sample."""\n{text}', is_package))
    return [fault.partition(": ")[2] for fault in found]


@pytest.mark.parametrize(
    ("room", "text", "fault"),
    [
        ("text", "import rulelang.syntax.tree", "`text` may not import `syntax`"),
        ("kinds", "from rulelang.check import check", "`kinds` may not import `check`"),
        ("kinds", "from rulelang import check", "`kinds` may not import `check`"),
        ("kinds", "def f():\n    from rulelang import cli", "`kinds` may not import `cli`"),
        ("check", "import rulelang", "`check` may not import `api`"),
        ("check", "from rulelang import load", "`check` may not import `api`"),
        ("check", "import rulelang.api as face", "`check` may not import `api`"),
        ("fields", "from ..check import names", "`fields` may not import `check`"),
        ("fields", "from .. import data", "`fields` may not import `data`"),
        ("evaluate", "import_module('rulelang.data')", "`evaluate` may not import `data`"),
        ("api", "from rulelang.cli import main", "`api` may not import `cli`"),
        ("check", "import lark", "`check` may not import the package `lark`"),
        ("api", "import click", "`api` may not import the package `click`"),
        ("engine", "from rulelang.evaluate import Run", "`engine` may not import `evaluate`"),
        ("engine", "from rulelang.evaluate.run import Run", "`engine` may not import `evaluate`"),
        ("evaluate", "import numpy as np", "`evaluate` may not import the package `numpy`"),
        ("functions", "if 1:\n    import polars.testing", "`functions` may not import the package `polars`"),
        ("text", "print('x')", "`text` is pure: no `print`"),
        ("text", "show = print", "`text` is pure: no `print`"),
        ("check", "with open('x') as f: pass", "`check` is pure: no `open`"),
        ("check", "p.read_text()", "`check` is pure: no `.read_text()`"),
        ("evaluate", "import time", "`evaluate` is pure: no `time`"),
        ("evaluate", "from time import time as t", "`evaluate` is pure: no `time.time`"),
        ("evaluate", "import datetime\ndatetime.datetime.now()", "`evaluate` is pure: no `datetime.datetime.now`"),
        ("evaluate", "from datetime import datetime as d\nd.now()", "`evaluate` is pure: no `datetime.datetime.now`"),
        ("evaluate", "from datetime import date\ndate.today()", "`evaluate` is pure: no `datetime.date.today`"),
        ("functions", "import random", "`functions` is pure: no `random`"),
        ("functions", "import numpy as np\nnp.random.rand()", "`functions` is pure: no `numpy.random`"),
        ("kinds", "from os import environ", "`kinds` is pure: no `os.environ`"),
        ("kinds", "import os\nos.environ['x']", "`kinds` is pure: no `os.environ`"),
        ("kinds", "def f():\n" + "    x = 1\n" * 60, "`f` has 61 lines, more than 60"),
        ("kinds", "x = 1\n" * 600, "the module has 601 lines, more than 600"),
        ("attic", "", "the room `attic` is not in the table"),
    ],
)
def test_a_violation_is_seen(room: str, text: str, fault: str) -> None:
    assert fault in faults(room, text)


@pytest.mark.parametrize(
    ("room", "text"),
    [
        ("check", "from rulelang.syntax.tree import Rule\nfrom rulelang import kinds\nimport rulelang.check.names"),
        ("syntax", "import lark\nfrom attrs import frozen\nfrom datetime import datetime\nx = datetime(2024, 1, 1)"),
        ("fields", "from . import catalogue\nfrom ..kinds import Kind"),
        ("text", "from urllib.parse import quote\nx.open, x.print, x.now()"),
        ("evaluate", "def step(time, random):\n    return time.x + random"),
        ("cli", "import click, time\nimport rulelang\nprint(open('x'), time.time())"),
    ],
)
def test_what_is_allowed_passes(room: str, text: str) -> None:
    assert faults(room, text) == []


def test_relative_imports_count_from_where_they_stand() -> None:
    assert faults("fields", "from .cadence import x", "rulelang.fields", is_package=True) == []
    assert faults("fields", "from ..text import x", "rulelang.fields", is_package=True) != []


def test_a_module_says_what_it_is_for() -> None:
    assert violations(Module("rulelang.text.sample", "text", "x = 1")) != []
    assert violations(Module("rulelang.text", "text", "")) == []


def test_only_the_table_file_may_be_kept_by_a_pure_room() -> None:
    assert faults("syntax", "import os\nopen('x')", "rulelang.syntax.table") == []
    assert faults("syntax", "import os\nopen('x')", "rulelang.syntax.parser") != []
