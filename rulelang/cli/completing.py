"""Completion for shells: the script of each, and what can stand where a command takes a file, a rule, a name."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

import click
from click.shell_completion import BashComplete, CompletionItem, ShellComplete, add_completion_class
from click.shell_completion import get_completion_class as shell_named

Item: TypeAlias = "CompletionItem[str]"
Offer = Callable[[click.Context, str], Iterable["Item"]]
"""What a parameter offers: from what was typed before, and of the word itself."""

_MOST = 1 << 20
"""A rule file has so many bytes at most; of a longer one no names are read."""


class _Bash(BashComplete):
    """Bash, so that folders are offered beside rule files and a blank follows files only."""

    source_template = """\
%(complete_func)s() {
    local type value
    COMPREPLY=()
    while IFS=',' read -r type value; do
        case $type in
            dir) compopt -o filenames -o plusdirs ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done < <(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD="$COMP_CWORD" %(complete_var)s=bash_complete "$1" 2>/dev/null)
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""


def print_script(group: click.Group, shell: str, variable: str) -> int:
    """Print what a shell has to read so that it completes `rulelang`."""
    click.echo(_shell(shell)(group, {}, "rulelang", variable).source(), nl=False)
    return 0


def _shell(name: str) -> type[ShellComplete]:
    found = _Bash if name == "bash" else shell_named(name)
    assert found is not None
    return found


class _Offered(click.types.StringParamType):
    """A text, with what can stand in its place."""

    def __init__(self, offer: Offer) -> None:
        self.offer = offer

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Item]:
        return [item for item in self.offer(ctx, incomplete) if item.type != "plain" or _begins(item, incomplete)]


def _begins(item: Item, incomplete: str) -> bool:
    return str(item.value).startswith(incomplete)


def prepare(group: click.Group) -> None:
    """Give each parameter of the commands the type that offers what its place in the help names."""
    add_completion_class(_Bash)
    for command in group.commands.values():
        if isinstance(command, click.Group):
            prepare(command)
        for parameter in command.params:
            if (offer := _offer(command, parameter)) is not None:
                parameter.type = _Offered(offer)


def _offer(command: click.Command, parameter: click.Parameter) -> Offer | None:
    if isinstance(parameter, click.Argument) or parameter.name == "file":
        return _ARGUMENTS.get(str(parameter.metavar)) or _NAMES.get(str(command.name))
    return _OPTIONS.get(str(getattr(parameter, "metavar", None)))


# What can stand there ─────────────────────────────────────────────────────────────────────────────────────────────────


def _files(_context: click.Context, incomplete: str) -> Iterator[Item]:
    yield CompletionItem(incomplete, type="file")


def _folders(_context: click.Context, incomplete: str) -> Iterator[Item]:
    yield CompletionItem(incomplete, type="dir")


def _rule_files(_context: click.Context, incomplete: str) -> Iterator[Item]:
    yield CompletionItem(incomplete, type="dir")
    before = incomplete[: incomplete.rfind("/") + 1]
    yield from (CompletionItem(before + path.name) for path in _in(Path(before).expanduser()))


def _in(folder: Path) -> list[Path]:
    """Return the rule files in a folder; none where it can't be read."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".rules")
    except OSError:
        return []


def _rules_or_records(context: click.Context, incomplete: str) -> Iterator[Item]:
    yield from _rule_files(context, incomplete)
    before = incomplete[: incomplete.rfind("/") + 1]
    yield from (CompletionItem(before + path.name) for path in sorted(Path(before).expanduser().glob("*.ndjson")))


def _declared(pattern: str, ending: str = "") -> Offer:
    """Return what offers the names that a statement declares: in the file that was typed, else in those here."""
    statement = re.compile(pattern)

    def offer(context: click.Context, _incomplete: str) -> Iterator[Item]:
        lists = [names for text in _texts(context) for names in statement.findall(text)]
        found = {name for names in lists for name in re.split(r"[,\s]+", names)}
        yield from (CompletionItem(name + ending) for name in sorted(found))

    return offer


def _texts(context: click.Context) -> Iterator[str]:
    named = context.params.get("file") or context.params.get("old")
    for path in [Path(named)] if named else _in(Path()):
        try:
            if path.stat().st_size <= _MOST:
                yield re.sub(r"#.*|\"[^\"\n]*\"", "", path.read_text("utf-8", "replace"))
        except OSError:
            continue


def _codes(_context: click.Context, _incomplete: str) -> Iterator[Item]:
    from rulelang.text.pages import PAGES

    yield from (CompletionItem(page.code, help=page.title) for page in PAGES)


def _functions(_context: click.Context, _incomplete: str) -> Iterator[Item]:
    from rulelang.functions import FUNCTIONS

    yield from (CompletionItem(name, help=one.help) for name, one in FUNCTIONS.items())


def _fields(_context: click.Context, _incomplete: str) -> Iterator[Item]:
    from rulelang.fields import CATALOGUE

    yield from (CompletionItem(name, help=one.help) for name, one in CATALOGUE.items())


_rules = _declared(r"\brule\s+([a-z]\w*)")
_assets = _declared(r"\bassets\s+([A-Z0-9]+(?:\s*,\s*[A-Z0-9]+)*)")
_params = _declared(r"\bparam\s+([a-z]\w*)", "=")

_ARGUMENTS: dict[str, Offer] = {
    "FILE": _rule_files,
    "OLD": _rule_files,
    "[NEW]": _rule_files,
    "FILE|DIR|-": _rule_files,
    "FILE|RECORDS": _rules_or_records,
    "RECORDS": _files,
    "PATH...": _files,
    "RULE": _rules,
    "[RULE]...": _rules,
}
"""What an argument offers, by what the help calls it."""

_OPTIONS: dict[str, Offer] = {
    "FILE": _files,
    "PATH[:ASSET]": _files,
    "DIR": _folders,
    "ASSET": _assets,
    "PARAM=VALUE": _params,
    "CODE": _codes,
}
"""What an option offers, by what the help calls its value."""

_NAMES: dict[str, Offer] = {"functions": _functions, "fields": _fields}
"""What a command offers whose argument is a name."""
