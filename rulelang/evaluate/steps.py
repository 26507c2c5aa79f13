"""What a step may be given: its time, its values by asset, and why it is refused; what came of loading a memory."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import define, field

from rulelang.kinds import duration_text
from rulelang.kinds.units import offset, time_text

Time = datetime | str | int | float
"""A time: a datetime with a zone, an ISO text with a zone, or seconds since 1970."""

FURTHEST = 2**53
"""The seconds up to which numbers tell every second from the next."""

LONGEST_GAP = 1_000_000
"""The most bars that may be missing between two steps."""

KEPT = 20_000
"""Of so many of its newest steps a run on the engine keeps what came, so that it can tell why."""


class StepRefused(ValueError):
    """Raised for a step that can't be taken; nothing has changed."""


class SnapshotError(ValueError):
    """Raised for bytes that are no snapshot of a run, or a damaged one."""


@define
class Loaded:
    """What came of loading a memory into rules: the rules whose state was kept, reset, and those that are new."""

    kept: list[str] = field(factory=list)
    reset: list[str] = field(factory=list)
    new: list[str] = field(factory=list)


def seconds_of(time: Time) -> float:
    """Return a time in seconds since 1970. Raises `StepRefused` where it isn't one."""
    if isinstance(time, str):
        try:
            time = datetime.fromisoformat(time.replace("Z", "+00:00"))
        except ValueError:
            raise StepRefused(f"`{time}` is no time: write it as 2026-12-10T13:30Z") from None
    if isinstance(time, datetime):
        if time.tzinfo is None:
            raise StepRefused(f"the time {time.isoformat()} has no zone")
        time = time.timestamp()
    if isinstance(time, bool) or not _finite(time):
        raise StepRefused(f"{time!r} is no time: give a datetime with a zone, an ISO text, or seconds since 1970")
    number = float(time)
    if abs(number) > FURTHEST:
        raise StepRefused(f"{time!r} is no time: it lies more than {FURTHEST:,} seconds from 1970")
    return int(number) if number == int(number) else number


def _finite(time: Any) -> bool:
    try:
        return hasattr(time, "__float__") and math.isfinite(float(time))
    except (OverflowError, ValueError, TypeError):
        return False


def admit(at: float, last: float | None, bars: int | None) -> None:
    """Check that a step may come after the last one. Raises `StepRefused`."""
    if last is not None and at <= last:
        raise StepRefused(f"the step at {time_text(at)} does not come after the last one, at {time_text(last)}")
    if bars is not None and (at - offset(bars)) % bars:
        raise StepRefused(f"{time_text(at)} is not the close of a bar of {duration_text(bars)}")


def admit_gap(at: float, last: float | None, bars: int | None) -> None:
    """Check that not too many bars are missing before a step. Raises `StepRefused`."""
    missing = 0 if last is None or bars is None else (at - last) // bars - 1
    if missing > LONGEST_GAP:
        why = f"{int(missing):,} bars are missing before it, more than {LONGEST_GAP:,}: start a new run"
        raise StepRefused(f"the step at {time_text(at)} can't be taken: {why}")


def admit_values(values: Any, assets: Iterable[str | None]) -> None:
    """Check that values have the shape that rules for such assets take. Raises `StepRefused`."""
    if not hasattr(values, "items"):
        raise StepRefused(f'values are a mapping of names and values, {{"close": 65000}}; this is {_said(values)}')
    named = [asset for asset in assets if asset is not None]
    for asset in named:
        if asset in values and not isinstance(values[asset], Mapping):
            raise StepRefused(f"`{asset}` has a mapping of its own, {_shape(asset)}; this is {_said(values[asset])}")
    several = len(named) > 1 and len(values) > 0
    if several and not any(isinstance(value, Mapping) for _, value in values.items()):
        raise StepRefused(f"these rules run for {', '.join(named)}: each has a mapping of its own, {_shape(named[0])}")


def _shape(asset: str) -> str:
    return f'{{"{asset}": {{"close": 65000}}}}'


def _said(value: Any) -> str:
    """Name what somebody gave by what it is."""
    return "None" if value is None else f"{_article(type(value).__name__)} {type(value).__name__}"


def _article(word: str) -> str:
    return "an" if word[0].lower() in "aeiou" else "a"


def bytes_of(snapshot: Any) -> bytes:
    """Return a snapshot as bytes. Raises `SnapshotError` where it is something else."""
    if not isinstance(snapshot, bytes | bytearray | memoryview):
        raise SnapshotError(f"a snapshot is bytes, as `snapshot` returns them; this is {_said(snapshot)}")
    return bytes(snapshot)


def flattened(values: Mapping[str, Any]) -> dict[tuple[str | None, str], Any]:
    """Return values by asset and field."""
    flat: dict[tuple[str | None, str], Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            for inner, one in value.items():
                flat[name or None, inner] = one
        elif name[:1].isupper() or name[:1].isdigit():
            asset, _, field = name.partition(".")
            flat[asset, field] = value
        else:
            flat[None, name] = value
    return flat


def own(asset: str | None, supplied: dict[tuple[str | None, str], Any]) -> dict[tuple[str | None, str], Any]:
    """Return supplied values as the rules of an asset see them: its own have no asset."""
    if asset is None:
        return supplied
    mine: dict[tuple[str | None, str], Any] = {(None, n): v for (whose, n), v in supplied.items() if whose == asset}
    return {**supplied, **mine}
