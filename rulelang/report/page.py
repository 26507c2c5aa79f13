"""The page: styles, tables, the charting library, the charts and what they are drawn from, in one file."""

import json
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from attrs import frozen

from rulelang.backtest.result import Result
from rulelang.kinds import duration_text
from rulelang.report import source, tables
from rulelang.report.figures import count, minute
from rulelang.report.payload import later, payload, rule_names
from rulelang.report.reasons import Reasons

COLOURS = 8
"""So many colours rules have; the ninth has the first one's."""

_OURS = ("numbers", "columns", "charts", "changes", "start")
_SCRIPTS = ("vendor/uPlot.iife.min.js", *(f"page/{name}.js" for name in _OURS))
_LICENCE = "vendor/LICENSE.uPlot"
_STYLES = ("vendor/uPlot.min.css", "page/page.css")


@frozen
class Picture:
    """A page, which a notebook shows as it is."""

    html: str

    def __repr__(self) -> str:
        return f"<Picture, {len(self.html):,} characters of HTML: `save(path)` writes them>"

    def _repr_html_(self) -> str:
        """Return the page in a frame of its own, so that it and the notebook leave each other alone."""
        style = "width:100%;height:960px;border:0;border-radius:8px"
        return f'<iframe srcdoc="{escape(self.html)}" style="{style}"></iframe>'

    def save(self, path: str | Path) -> None:
        """Write the page to a file."""
        Path(path).write_text(self.html, "utf-8")


def picture(result: Result, reasons: Reasons | None = None, command: str = "rulelang why RULES --data …") -> Picture:
    """Return the page of a backtest.

    `reasons`: why changes happened, as far as that is told. `command`: what explains the others; the page adds
    `--at TIME`, and the asset where there are several.
    """
    colours = {name: at % COLOURS for at, name in enumerate(rule_names(result))}
    title = f"{Path(result.rules).stem or 'rules'} · backtest"
    parts = {
        "title": escape(title),
        "styles": "\n".join(f"<style>\n{_read(name)}\n</style>" for name in _STYLES),
        "name": escape(Path(result.rules).name),
        "span": _span(result),
        "headlines": tables.headlines(result),
        "lacks": _warned(result),
        "comparison": tables.comparison(result),
        "rules": tables.by_rule(result, colours),
        "years": tables.by_year(result),
        "orders": tables.orders(result),
        "source": source.as_html(result, colours),
        "notes": tables.notes(result.notes),
        "data": _data(payload(result, reasons or {}, command)),
        "later": _data(later(result)),
        "licence": f"<!-- uPlot:\n{_read(_LICENCE)}-->",
        "scripts": "\n".join(f"<script>\n{_read(name)}\n</script>" for name in _SCRIPTS),
    }
    pieces = _read("page/page.html").split("{{")
    return Picture(pieces[0] + "".join(_filled(piece, parts) for piece in pieces[1:]))


def _filled(piece: str, parts: dict[str, str]) -> str:
    name, _, rest = piece.partition("}}")
    return parts[name] + rest


def _read(name: str) -> str:
    return files("rulelang.report").joinpath(name).read_text("utf-8")


def _data(found: dict[str, Any]) -> str:
    """Return JSON that can stand in a script: no `<` ends it early, and NaN is null."""
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")


def _span(result: Result) -> str:
    if not len(result.times):
        return "no bar"
    first, last = minute(float(result.times[0])), minute(float(result.times[-1]))
    assets = ", ".join(escape(one.name or one.coin) for one in result.assets)
    bars = f"{count(len(result.times))} bars of {duration_text(result.bars)}"
    return f"{assets} · {first} to {last} UTC · {bars} · prices and money in {escape(result.quote)}"


def _warned(result: Result) -> str:
    found = tables.notes(result.lacks)
    return f'<section class="lacks"><h2>What is missing</h2>{found}</section>' if found else ""
