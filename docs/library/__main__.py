"""Writes docs/strategies anew: a page and pictures for each rule file, and the index. `histories` writes the data only.

`python docs/library` makes all of them; names of strategies behind it make these, without the index.
"""

# ruff: noqa: E402  (the library is found by the path below)

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

import click
import histories
from index import index
from pages import PAGES, RULES, page, strategy

NAMES = sorted(path.stem for path in RULES.glob("*.rules"))


@click.command()
@click.argument("names", nargs=-1, type=click.Choice([*NAMES, "histories"]))
def main(names: tuple[str, ...]) -> None:
    """Write the pages of all strategies, or of these."""
    histories.write()
    for name in names or NAMES:
        if name != "histories":
            _write(name)
    if not names:
        (PAGES / "README.md").write_text(index(NAMES), "utf-8")


def _write(name: str) -> None:
    text, pictures = page(strategy(name))
    for file, content in {f"{name}.md": text, **pictures}.items():
        (PAGES / file).write_text(content, "utf-8")
        click.echo(f"wrote docs/strategies/{file}")


main()
