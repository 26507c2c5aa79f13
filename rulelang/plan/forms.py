"""Plans as JSON and CSV: amounts as text, with every digit."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import asdict, fields

from rulelang.kinds.units import time_text
from rulelang.plan.plan import Plan
from rulelang.plan.trades import Order


def as_json(plan: Plan) -> str:
    """Return a plan as JSON: amounts are texts (`"0.1"`), what isn't known is null."""
    return json.dumps(plain(asdict(plan)), indent=2, ensure_ascii=False) + "\n"


def as_csv(plan: Plan) -> str:
    """Return the orders of a plan as CSV: a line each, those that can't be sent with their reason in `status`."""
    text = io.StringIO()
    names = ["time", *(one.name for one in fields(Order))]
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(names)
    for order in plan.orders:
        said = plain({"time": plan.time, **asdict(order)})
        rows.writerow([_cell(said[name]) for name in names])
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    match value:
        case Decimal():
            return written(value)
        case datetime():
            return time_text(value.timestamp())
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
    return value


def written(value: Decimal) -> str:
    """Return a Decimal in plain notation, without zeros that say nothing.

    >>> written(Decimal("1E+3")), written(Decimal("0.500")), written(Decimal("-0"))
    ('1000', '0.5', '0')
    """
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
