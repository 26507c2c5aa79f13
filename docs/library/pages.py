"""The pages of docs/strategies: what a rule file says of itself, and what it would have done on real history."""

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain

import figures
import picture
import polars as pl
import weights
from attrs import frozen
from runs import ROOT, TRIALS
from tried import Tried, printed

from rulelang import Rules, load

RULES, PAGES = ROOT / "rules", ROOT / "docs" / "strategies"
_HEADING = re.compile(
    r"(The idea|What guides get wrong|What is often got wrong|When it helps|When it hurts|Who pays|Data|Looked at)\."
)
HELD = {
    "alts": "Ether and SOL, hedged with bitcoin's perpetual",
    "beta": "Bitcoin",
    "bitcoin": "Bitcoin",
    "cross": "Ether, hedged with bitcoin's perpetual",
    "dated": "Bitcoin, hedged with quarterlies",
    "margin": "Bitcoin, with margin for its hedge",
    "three": "Bitcoin, ether and SOL",
    "two": "Bitcoin and ether",
}
"""What each book holds, in words."""


@frozen
class Strategy:
    """A rule file with its header taken apart: `title`, `what` it is for, and the paragraphs that follow."""

    name: str
    title: str
    what: str
    paragraphs: tuple[str, ...]
    rules: Rules

    @property
    def source(self) -> str:
        return (RULES / f"{self.name}.rules").read_text("utf-8")

    @property
    def mark(self) -> str:
        """The line that ties a page to the text of its rule file."""
        told = hashlib.sha256(self.source.encode()).hexdigest()[:16]
        return f"<!-- made from rules/{self.name}.rules {told}; `make strategies` writes it anew -->"


@cache
def strategy(name: str) -> Strategy:
    """Return a strategy by the name of its file."""
    path = RULES / f"{name}.rules"
    header = list(_header(path.read_text("utf-8")))
    title, _, what = header[0].partition(": ")
    return Strategy(name, title, what[0].upper() + what[1:], tuple(header[1:]), load(path))


def _header(text: str) -> Iterator[str]:
    """Yield the paragraphs of the comment that a rule file begins with."""
    comment = "\n".join(line[1:].strip() for line in text.partition("\n\n")[0].splitlines())
    yield from (" ".join(part.split()) for part in comment.split("\n\n"))


# What a file says of itself ───────────────────────────────────────────────────────────────────────────────────────────


def head(one: Strategy) -> str:
    """Return the part of a page that needs the rule file only."""
    return "\n".join(chain(_about(one), _written(one), _plainly(one), _together(one), _tests(one)))


def _about(one: Strategy) -> Iterator[str]:
    yield from (f"# {one.title}", "", one.mark, "", f"{one.what}", "")
    for paragraph in one.paragraphs:
        yield from (_HEADING.sub(r"\n\n**\g<0>**", paragraph).strip().replace(" \n", "\n"), "")


def _written(one: Strategy) -> Iterator[str]:
    """Yield the rules themselves: the file without its header and its tests."""
    body = one.source.partition("\n\n")[2].partition("\ntest ")[0].strip()
    yield from ("## The rules", "", f"`rules/{one.name}.rules`, without its tests:", "", "```rules", body, "```", "")


def _plainly(one: Strategy) -> Iterator[str]:
    told = printed(["describe", f"rules/{one.name}.rules", "--format", "markdown"])
    yield from ("## In plain English", "", told.replace("\n## ", "\n### ").replace("## ", "### ", 1).strip(), "")


def _together(one: Strategy) -> Iterator[str]:
    table = printed(["table", f"rules/{one.name}.rules"])
    yield from ("## Which rules together do what", "", "```text", table.rstrip(), "```", "")


def _tests(one: Strategy) -> Iterator[str]:
    told = printed(["test", f"rules/{one.name}.rules"]).strip()
    blocks = "test " + one.source.partition("\ntest ")[2].rstrip()
    yield from ("## Its tests", "", "They show each rule begin and end.", "", "```text", blocks, "```", "")
    yield from ("```text", f"$ rulelang test rules/{one.name}.rules", told, "```", "")


# What it would have done ──────────────────────────────────────────────────────────────────────────────────────────────


def page(one: Strategy) -> tuple[str, dict[str, str]]:
    """Return the page of a strategy, and its pictures by their file names."""
    pictures: dict[str, str] = {}
    parts = [head(one), "## On real history", ""]
    for number, each in enumerate(tried(one.name)):
        name = one.name if not number else f"{one.name}-{number + 1}"
        pictures[f"{name}.svg"] = drawn(each)
        parts += [*_trial(each, name), ""]
    return "\n".join(parts).rstrip() + "\n", pictures


@cache
def tried(name: str) -> tuple[Tried, ...]:
    """Return what was tried of a strategy."""
    return tuple(Tried(name, trial) for trial in TRIALS.get(name, ()))


def _trial(each: Tried, name: str) -> Iterator[str]:
    yield from (f"### {_span(each)}", "")
    yield from ([each.trial.note, ""] if each.trial.note else [])
    yield from ("```sh", each.trial.typed(each.strategy), "```", "")
    sources = "; ".join(one.source for one in each.trial.sources)
    yield from (f"The data: {sources}. [How it is laid out](README.md#the-data).", "")
    yield from (f"![Price, target and fall from the peak]({name}.svg)", "")
    yield from _backtested(each) if each.trial.command == "backtest" else ("```text", each.told, "```")
    if each.trial.weights:
        yield from ("", *weights.told(each.decided, *each.trial.market))


def _span(each: Tried) -> str:
    if each.trial.command == "backtest":
        found = each.found
        return f"{HELD[each.trial.book]}, {found['from'][:10]} to {found['to'][:10]}"
    times = each.decided["time"]
    return f"Decisions, {times[0][:10]} to {times[-1][:10]}"


def _backtested(each: Tried) -> Iterator[str]:
    found = each.found
    yield from (*figures.verdict(found), "")
    yield from (*figures.comparison(found), "")
    yield from ("What each rule did, and what the contracts brought while it had the last word:", "")
    yield from (*figures.by_rule(found), "", *figures.by_year(found), "")
    yield from (f"- {said}" for said in (*found["lacks"], *found["notes"]))


# Pictures ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def drawn(each: Tried) -> str:
    """Return the picture of a trial."""
    return _of_backtest(each) if each.trial.command == "backtest" else _of_run(each)


def _of_backtest(each: Tried) -> str:
    columns = each.found["columns"]
    coins = [name.removesuffix("close") for name in columns if name == "close" or name.endswith(".close")]
    target = "beta" if f"{coins[0]}beta" in columns else "hedge"
    decided = [coin for coin in coins if f"{coin}{target}" in columns]
    prices = [_line("price", coin, columns[f"{coin}close"], "b") for coin in decided[:1]]
    targets = [_line(target, coin, columns[f"{coin}{target}"], paint)
               for coin, paint in zip(decided, "acb", strict=False)]  # fmt: skip
    falls = [picture.Line("fall with the rules", columns["strategy.drawdown"], "a"),
             picture.Line("without a hedge", columns["no hedge.drawdown"], "b")]  # fmt: skip
    return picture.svg(columns["time"], [
        picture.Panel(tuple(prices), 90, ",.10g", log=True),
        picture.Panel(tuple(targets), 70, ".2f" if target == "beta" else ".0%"),
        picture.Panel(tuple(falls), 90, ".0%"),
    ])  # fmt: skip


def _line(what: str, coin: str, values: picture.Values, paint: str) -> picture.Line:
    """Return a line named after its coin where there are several; what isn't a price stays until it changes."""
    return picture.Line(_named(what, coin), values, paint, stepped=what != "price")


def _named(what: str, coin: str) -> str:
    return f"{what} of {coin.rstrip('.')}" if coin else what


def _of_run(each: Tried) -> str:
    decided = each.decided
    targets = [name.removesuffix("_desired") for name in decided.columns if name.endswith("_desired")]
    axis = decided["time"].unique(maintain_order=True).sort()
    lines = []
    for (asset,), rows in decided.group_by(["asset"], maintain_order=True):
        own = pl.DataFrame({"time": axis}).join(rows, "time", how="left", maintain_order="left")
        label = f" of {asset}" if decided["asset"].n_unique() > 1 else ""
        lines += [(f"{target}{label}", own[target].to_list()) for target in targets]
    panels = [picture.Panel((picture.Line(name, values, paint, stepped=True),), 90, ".3g")
              for (name, values), paint in zip(lines, "ac", strict=False)]  # fmt: skip
    return picture.svg(axis.to_list(), panels)
