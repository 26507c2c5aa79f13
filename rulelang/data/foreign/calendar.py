"""Reads the events of an iCalendar file."""

from datetime import UTC, date, datetime
from typing import Any

from rulelang.data.errors import DataError, listed, shown
from rulelang.data.foreign.instants import zone_of
from rulelang.data.foreign.record import Asked, Raw


def events(path: str, data: bytes, asked: Asked) -> Raw:
    """Return the time and the name of each event, in the file's order; those that were called off are left out."""
    polars = _polars(path)
    found = [one for one in _parsed(path, data).walk("VEVENT") if str(one.get("STATUS", "")).upper() != "CANCELLED"]
    called_off = len(list(_parsed(path, data).walk("VEVENT"))) - len(found)
    if not found:
        raise DataError("RL700", "holds no event", path)
    starts = [_zoned(_start(path, at, one), asked) for at, one in enumerate(found, 1)]
    floating = [start for start in starts if isinstance(start, datetime) and start.tzinfo is None]
    if floating and len(floating) < len(starts):
        raise DataError("RL702", f"{_written(floating[0])} has no time zone; say which, as in --zone UTC", path)
    names = [" ".join(str(one.get("SUMMARY", "")).split()) for one in found]
    if "" in names:
        raise DataError("RL706", "has no SUMMARY; every event needs its name", path, names.index("") + 1)
    columns = {"time": [_written(start) for start in starts], "event": names}
    notes = [f"{called_off} events that were called off are left out"] if called_off else []
    if any(not isinstance(start, datetime) for start in starts):
        notes.append("dates without a time of day are taken as 00:00 UTC")
    return Raw(path, "ics", ("time", "event"), polars.DataFrame(columns).lazy, notes=tuple(notes))


def _polars(path: str) -> Any:
    from rulelang.data.foreign.carriers import library

    return library(path)


def _parsed(path: str, data: bytes) -> Any:
    try:
        import icalendar
    except ImportError:
        raise DataError("RL700", "reading calendars needs icalendar: pip install 'rulelang[data]'", path) from None
    try:
        return icalendar.Calendar.from_ical(data)
    except (ValueError, KeyError, IndexError, TypeError):
        raise DataError("RL700", "is no iCalendar file, or is cut short; export it again", path) from None


def _start(path: str, at: int, event: Any) -> date:
    start = getattr(event.get("DTSTART"), "dt", None)
    if not isinstance(start, date):
        raise DataError("RL702", "has no DTSTART that is a time; every event needs its time", path, at)
    repeats = [word for word in ("RRULE", "RDATE") if word in event]
    if repeats:
        what = f"{shown(event.get('SUMMARY', ''))} repeats ({listed(repeats)})"
        raise DataError("RL702", f"{what}; export the calendar with each date written out", path, at)
    return start


def _zoned(start: date, asked: Asked) -> date:
    if not isinstance(start, datetime) or start.tzinfo is not None or asked.zone is None:
        return start
    return start.replace(tzinfo=zone_of(asked.zone))


def _written(start: date) -> str:
    if not isinstance(start, datetime):
        return start.isoformat() + "T00:00:00Z"
    if start.tzinfo is None:
        return start.isoformat()
    return start.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
