"""Results as plain data: columns by name, everything as JSON, columns as CSV."""

import csv
import io
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import asdict, fields

from rulelang.backtest.result import Asset, Leg, Result
from rulelang.engine.coded import Coded
from rulelang.kinds.units import time_text

_TIMES = {"time", "drawdown_from", "drawdown_low", "drawdown_to", "nearest_at"}


def columns(result: Result) -> dict[str, Any]:
    """Return every column by name, a value a bar: `time` in seconds since 1970, texts coded."""
    found: dict[str, Any] = {"time": result.times}
    for asset in result.assets:
        found |= _asset(asset, f"{asset.name}." if len(result.assets) > 1 else "")
    found["actual"] = result.book.ratio
    for leg in result.legs:
        found |= _leg(leg)
    for coin, amount in result.book.coins.items():
        found[f"{coin}.coins"] = amount
    for name in ("coins_value", "cash", "unrealised", "funding", "fees", "slippage"):
        found[name] = getattr(result.book, name)
    for track in result.tracks:
        found[f"{track.name}.equity"], found[f"{track.name}.drawdown"] = track.equity, track.drawdown
    return found


def _asset(asset: Asset, prefix: str) -> dict[str, Any]:
    goal = asset.goal or "hedge"
    leverage = {} if asset.leverage is None else {f"{prefix}leverage": asset.leverage}
    return {
        f"{prefix}open": asset.open,
        f"{prefix}high": asset.high,
        f"{prefix}low": asset.low,
        f"{prefix}close": asset.price,
        f"{prefix}{goal}": asset.ratio,
        f"{prefix}{goal}_desired": asset.target,
        f"{prefix}{goal}_held": asset.held,
        f"{prefix}{goal}_rule": asset.rule,
        f"{prefix}active": asset.active,
        **leverage,
    }


def _leg(leg: Leg) -> dict[str, Any]:
    texts = ("instrument", "venue", "coin", "currency")
    return {f"{leg.instrument}.{one.name}": getattr(leg, one.name) for one in fields(Leg) if one.name not in texts}


def values(column: Any) -> list[Any]:
    """Return a column as numbers and texts, `None` where there is none."""
    if isinstance(column, Coded):
        return column.spread().tolist()  # type: ignore[no-any-return]
    found = np.asarray(column)
    cells = found.tolist()
    return cells if np.isfinite(found).all() else [value if math.isfinite(value) else None for value in cells]


def as_json(result: Result) -> str:
    """Return a result as JSON: summary, tables, and under `columns` a list for each column; not known is null."""
    told = {**summary(result), "columns": {name: values(column) for name, column in columns(result).items()}}
    told["columns"]["time"] = [time_text(at) for at in result.times.tolist()]
    return json.dumps(told, ensure_ascii=False, allow_nan=False) + "\n"


def summary(result: Result) -> dict[str, Any]:
    """Return everything but the columns as plain data; times are texts."""
    return {
        "rules": result.rules,
        "bars": result.bars,
        "quote": result.quote,
        "from": time_text(float(result.times[0])),
        "to": time_text(float(result.times[-1])),
        "tracks": [{"name": one.name, **_plain(asdict(one.numbers))} for one in result.tracks],
        "intervals": _plain(asdict(result.bootstrap)),
        "activity": [
            {**_plain(asdict(one)), "never_active": one.never_active, "never_mattered": one.never_mattered}
            for one in result.activity
        ],
        "unattributed": result.unattributed,
        "years": [{**_plain(asdict(one)), "complete": one.complete} for one in result.years],
        "changes": [_plain(asdict(one)) for one in result.changes],
        "fills": [_plain(asdict(one)) for one in result.fills],
        "events": [_plain(asdict(one)) for one in result.events],
        "notes": list(result.notes),
        "lacks": list(result.lacks),
    }


def _plain(value: Any, name: str = "") -> Any:
    """Return a value as JSON can hold it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return time_text(value) if name in _TIMES else value
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def as_csv(result: Result) -> str:
    """Return the columns as CSV, a line a bar; what isn't known is empty."""
    found = columns(result)
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(found)
    times = [time_text(at) for at in result.times.tolist()]
    cells = (values(found[name]) for name in found if name != "time")
    rows.writerows(zip(times, *cells, strict=True))
    return text.getvalue()
