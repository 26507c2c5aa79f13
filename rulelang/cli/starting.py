"""`rulelang new`: a folder with commented rules that pass their own tests, what they need, and a market to try them."""

import os
import re
import shutil
from collections.abc import Collection, Iterator
from importlib.resources import files
from pathlib import Path
from shlex import quote

import click
from attrs import frozen

import rulelang
from rulelang.cli.library import rule_text, words_of

_SAMPLE = ("synthetic-bars-1h.parquet", "synthetic-funding-8h.parquet", "synthetic-iv-1d.parquet")
_CALENDAR = "synthetic-events.parquet"
_ENDING = ".rules"
_DVOL = ("BTC", "ETH")
"""The coins that Deribit has a DVOL of."""
_IV = """\
`iv` is in no such archive: it is Deribit's DVOL (`deribit-dvol`). dvol-BTC.json is an answer of its API to
public/get_volatility_index_data with currency=BTC and resolution=1D. There is one of BTC and of ETH; the `iv` of
another coin is yours to bring, or take the coin out of the rules."""
_EVENTS = """\
The events are in no such archive: events.ics is a calendar with their names and times, or name a table with the columns
`time` and `event`. Dates that the rule file itself lists need none."""
_COIN = re.compile(r'(?:holdings\.|base = ")(\w+)')
"""What a paragraph of the starter's portfolio or instruments is about."""


@frozen
class Order:
    """What the command line asks for."""

    folder: str
    template: str


def make(order: Order) -> int:
    """Make a folder to begin with, whole or not at all, and print what to do next; return the exit code."""
    folder = Path(order.folder.removesuffix(_ENDING))
    name = _name(folder)
    made = dict(_contents(name, order.template))
    _place(folder, made)
    click.echo(f"made {folder}: {', '.join(text for text in made if '/' not in text)}, and a sample market\n")
    click.echo("\n".join([f"    cd {quote(str(folder))}", *_commands(made["README.md"].decode())]))
    click.echo("".join(f"\n{one.note}\n" for one in _beside(made[f"{name}.rules"].decode())), nl=False)
    return 0


def _name(folder: Path) -> str:
    """Return what a rule file in a folder is called. Raises `UsageError` where it can't be made."""
    name = folder.name
    if not name or name.startswith((".", "-")) or any(not (sign.isalnum() or sign in "._- ") for sign in name):
        raise click.UsageError(f"`{folder}` is no name for a folder: write letters, digits, - and _, such as my-hedge")
    if folder.exists() or folder.is_symlink():
        raise click.UsageError(f"there is already {folder}: name a folder that isn't there yet")
    if not folder.parent.is_dir():
        raise click.UsageError(f"there is no folder {folder.parent}: make it first")
    return name


def _contents(name: str, template: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the folder: their path in it, and what they hold."""
    starter, sample = files("rulelang.cli") / "starter", files("rulelang.data") / "sample"
    rules = starter.joinpath("starter.rules").read_text("utf-8") if template == "starter" else rule_text(template)
    yield f"{name}.rules", rules.encode()
    coins = rulelang.loads(rules).assets
    for one in ("portfolio.toml", "instruments.toml"):
        yield one, _of_coins(starter.joinpath(one).read_text("utf-8"), coins).encode()
    data = " ".join(f"--data sample/{one}" for one in _needed(rules))
    file = f"{name}.rules" if " " not in name else f'"{name}.rules"'
    readme = starter.joinpath("README.md").read_text("utf-8").replace("{name}.rules", file)
    archives = [f"{coin}USDT-{one}-*.zip" for coin in coins for one in ("1h", "fundingRate")]
    own = [f"data/{coin}USDT-{one}.parquet" for coin in coins for one in ("1h", "funding")]
    beside = _beside(rules)
    named = " ".join([*archives, *(file for one in beside for file in one.files)])
    made = " ".join(f"--data {file}" for file in (*own, *(file for one in beside for file in one.made)))
    notes = "".join(f"{one.note}\n\n" for one in beside)
    yield "README.md", readme.format(name=name, data=data, files=named, own=made, beside=notes).encode()
    for one in (*_SAMPLE, _CALENDAR, "README.txt"):
        yield f"sample/{one}", sample.joinpath(one).read_bytes()


@frozen
class Beside:
    """Files that rules need beside the archives of an exchange, what is made of them, and where they come from."""

    files: tuple[str, ...]
    made: tuple[str, ...]
    note: str


def _beside(rules: str) -> list[Beside]:
    """Return what rules need that the archives of an exchange don't have."""
    words, found = words_of(rules), []
    if "iv" in words:
        coins = [coin for coin in rulelang.loads(rules).assets if coin in _DVOL]
        answers = tuple(f"dvol-{coin}.json" for coin in coins)
        found.append(Beside(answers, tuple(f"data/dvol-{coin}.parquet:{coin}" for coin in coins), _IV))
    if "event" in words:
        found.append(Beside(("events.ics",), ("data/events.parquet",), _EVENTS))
    return found


def _of_coins(text: str, coins: Collection[str]) -> str:
    """Return a file of the starter with what is about these coins: what is held of them, and what hedges them."""
    parts = text.rstrip().split("\n\n")
    return "\n\n".join(part for part in parts if (found := _COIN.search(part)) is None or found[1] in coins) + "\n"


def _needed(rules: str) -> list[str]:
    """Return the files of the sample market that rules read."""
    reads = {"synthetic-funding-8h.parquet": "funding_8h", "synthetic-iv-1d.parquet": "iv", _CALENDAR: "event"}
    return [one for one in (*_SAMPLE, _CALENDAR) if one not in reads or reads[one] in words_of(rules)]


def _place(folder: Path, made: dict[str, bytes]) -> None:
    """Write the files to a folder beside, which then gets its name: what is interrupted leaves nothing half made."""
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        (draft / "sample").mkdir(parents=True)
        for path, content in made.items():
            (draft / path).write_bytes(content)
        draft.rename(folder)
    except OSError as error:
        raise click.UsageError(f"{folder} can't be made: {error.strerror}") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _commands(readme: str) -> Iterator[str]:
    """Yield the commands of a README, each block of them behind an empty line."""
    lines = [line.partition("  #")[0].rstrip() for line in readme.splitlines() if line.startswith("    ")]
    own = next(at for at, line in enumerate(lines) if " data import " in line)
    yield from (*lines[:own], "\nand with files of an exchange, such as Binance's archives:\n", *lines[own:])
