"""How often each rule was active over the user's data: asked of another process, so that typing never waits for it."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve, frozen

from rulelang.backtest.decisions import Decided, decide, names
from rulelang.backtest.gather import feeds
from rulelang.check import CheckedRules, Outside, Reader, check
from rulelang.data import DataError, FileSpec, Market, Need, Request, Stamp, parse_map, parse_spec, read
from rulelang.evaluate import StepRefused
from rulelang.kinds.units import time_text
from rulelang.rulefile import beside
from rulelang.text import Source

_DAY = 86_400
_DAYS = 365
_MINUTE = 60
_LISTED = 3
"""Of so many assets the shares are shown."""


@frozen
class Asked:
    """A rule file and its data: the path of the file, its text, path and text of other files that are open, the data.

    `data`, `maps` and `stamp` as `rulelang run` takes them; `folder`: from where the paths of the data are counted.
    """

    path: str
    text: str
    open: tuple[tuple[str, str], ...]
    data: tuple[str, ...]
    maps: tuple[str, ...]
    stamp: str | None
    folder: str

    def reader(self) -> Reader:
        """Return a reader of the files beside it, as they stand in the editor."""
        on_disk, folder = beside(Path(self.path)), Path(self.path).parent
        known = dict(self.open)
        return lambda name: known.get(str(folder / name)) or on_disk(name)

    def specs(self) -> list[FileSpec]:
        """Return the data files. Raises `DataError` for what can't be understood."""
        found = (parse_spec(text) for text in self.data)
        return [evolve(spec, path=str(Path(self.folder, spec.path).expanduser())) for spec in found]


@frozen
class Share:
    """How often a rule was active for an asset in the last `days`: the share of bars, and when it last was."""

    asset: str | None
    share: float
    days: float
    last: float | None


def told(shares: Sequence[Share]) -> str:
    """Return in words how often a rule was active.

    >>> told([Share(None, 0.031, 365, 1710374400.0)])
    'active on 3.1% of the last 365 days · last 2024-03-14'
    """
    span = f"of the last {max(one.days for one in shares):.0f} days"
    last = max((one.last for one in shares if one.last is not None), default=None)
    if not any(one.share for one in shares):
        return f"never active in the last {span[12:]}" + ("" if last is None else f" · last {_day(last)}")
    listed = [f"{_percent(one.share)} {one.asset or ''}".rstrip() for one in shares[:_LISTED]]
    more = f" and {len(shares) - _LISTED} more" if len(shares) > _LISTED else ""
    return f"active on {', '.join(listed)}{more} {span} · last {_day(last) if last is not None else 'never'}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%" if share >= 0.001 or not share else "less than 0.1%"


def _day(time: float) -> str:
    return time_text(time)[:10]


def activity(asked: Asked) -> dict[str, list[Share]]:
    """Return for each rule how often it was active, by asset; nothing where the rules have errors.

    Raises `DataError` for data that can't be read, `StepRefused` for data that the rules can't take.
    """
    source, reader = Source(Path(asked.path).name, asked.text), asked.reader()
    rules = _rules(source, reader, None) or _rules(source, reader, _MINUTE)  # without `bars`: any period serves
    if rules is None:
        return {}
    maps = [parse_map(text) for text in asked.maps]
    stamp = Stamp(asked.stamp) if asked.stamp else None
    market = read(asked.specs(), _request(rules), maps, stamp, sys.stdin.buffer)
    rules = _rules(source, reader, market.bars)
    return {} if rules is None else _counted(rules, market)


def _rules(source: Source, reader: Reader, bars: int | None) -> CheckedRules | None:
    return check(source, reader=reader, outside=Outside(bars=bars)).rules


def _request(rules: CheckedRules) -> Request:
    """Return what the rules need of the data."""
    needs = dict.fromkeys(Need(need.asset, need.field) for p in rules.programs.values() for need in p.needs)
    required = tuple(need for need in needs if "." not in need.field.name)
    return Request(required, rules.assets, rules.stated_bars, tuple(rules.events))


def _counted(rules: CheckedRules, market: Market) -> dict[str, list[Share]]:
    given = feeds(rules, market)
    events = {name: tuple(map(float, times)) for name, times in market.events.items()}
    shares: dict[str, list[Share]] = {}
    for asset, feed in given.items():
        decided = decide(rules, events, {asset: feed}, feed.times)[asset]
        for name, share in _shares(decided, feed.times):
            shares.setdefault(name, []).append(share)
    return shares


def _shares(decided: Decided, times: Any) -> Iterator[tuple[str, Share]]:
    recent = times > times[-1] - _DAYS * _DAY
    days = min(_DAYS, (times[-1] - times[0]) / _DAY)
    together = names(decided.active.texts)
    for rule in decided.program.rules:
        active = np.array([rule.name in each for each in together], bool)[decided.active.codes]
        rows = np.flatnonzero(active)
        last = float(times[rows[-1]]) if len(rows) else None
        yield rule.name, Share(decided.asset, float(active[recent].mean()), days, last)


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer to a request: `rules`, what is said of each; or `error`, why nothing can be said."""
    try:
        listed = {name: tuple(request[name]) for name in ("data", "maps")}
        others = tuple((path, text) for path, text in request["open"])
        found = activity(Asked(**{**request, **listed, "open": others}))
    except (DataError, StepRefused) as error:
        return {"error": str(error)}
    return {"rules": {name: told(shares) for name, shares in found.items()}}


def main(lines: Iterable[str]) -> None:
    """Answer the one request of standard input on standard output."""
    request = json.loads("".join(lines))
    json.dump(answer(request), sys.stdout)


if __name__ == "__main__":
    main(sys.stdin)
