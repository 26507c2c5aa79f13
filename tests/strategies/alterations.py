"""Logs of records altered in one place: a value changed, a key removed or added, a line gone, doubled or moved."""

import json
from typing import Any

from hypothesis import strategies as st

from tests.strategies.drawing import Draw

Path = tuple[Any, ...]


@st.composite
def altered(draw: Draw, lines: list[str]) -> list[str]:
    """Alter a log. What records alone can't show is left out: the first or last line of an asset gone."""
    at = draw(st.integers(0, len(lines) - 1))
    ways = ["value", "remove", "add", "double"]
    owners = [json.loads(line)["asset"] for line in lines]
    if owners[at] in owners[:at] and owners[at] in owners[at + 1 :]:
        ways.append("gone")
    if len(lines) > 1:
        ways.append("move")
    match draw(st.sampled_from(ways)):
        case "gone":
            return lines[:at] + lines[at + 1 :]
        case "double":
            place = draw(st.integers(0, len(lines)))
            return [*lines[:place], lines[at], *lines[place:]]
        case "move":
            rest = lines[:at] + lines[at + 1 :]
            place = draw(st.integers(0, len(rest)).filter(lambda place: place != at))
            return [*rest[:place], lines[at], *rest[place:]]
        case way:
            return [*lines[:at], _changed(draw, lines[at], way), *lines[at + 1 :]]


def _changed(draw: Draw, line: str, way: str) -> str:
    record = json.loads(line)
    paths = _places(record) if way == "value" else [path for path in _places(record, True) if _takes(record, path, way)]
    path = draw(st.sampled_from(paths))
    holder = _at(record, path[:-1])
    if way == "value":
        holder[path[-1]] = draw(_another(holder[path[-1]]))
    elif way == "remove":
        del holder[path[-1]]
    else:
        inside = _at(record, path)
        inside["added"] = 1.5
    return json.dumps(record)


def _takes(record: Any, path: Path, way: str) -> bool:
    return way == "remove" or isinstance(_at(record, path), dict)


def _at(record: Any, path: Path) -> Any:
    for key in path:
        record = record[key]
    return record


def _places(value: Any, all_of_them: bool = False, path: Path = ()) -> list[Path]:
    """Return the places of all values without parts; `all_of_them`: of all values."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [one for key, part in inside for one in _places(part, all_of_them, (*path, key))]
    itself = [path] if path and (all_of_them or not isinstance(value, dict | list)) else []
    return itself + found


def _another(value: Any) -> st.SearchStrategy[Any]:
    """Return values that differ from one, of its type and of others."""
    near: list[Any] = [None, "", 0, 1.5, True, [], {}, "2026-01-06T00:00Z"]
    if isinstance(value, str):
        near += [value + "x", value[1:], value.upper(), value.lower()]
    elif isinstance(value, int | float) and not isinstance(value, bool):
        near += [value + 1, -value, value * (1 + 2**-50), str(value)]
    elif isinstance(value, bool):
        near.append(not value)
    return st.sampled_from([one for one in near if json.dumps(one) != json.dumps(value)])
