"""When each row of a part became known: what the part is to the join, the base period, opens turned into closes."""

from array import array
from collections.abc import Sequence
from enum import Enum
from math import gcd

from attrs import field, frozen

from rulelang.data.errors import DataError, display, listed
from rulelang.data.parts import Part, moment
from rulelang.data.request import Request, Stamp
from rulelang.data.times import SECOND, TELLING, closed_at, on_grid, settled_at, spacing
from rulelang.fields import Field
from rulelang.kinds import duration_text


class Role(Enum):
    """What a part is to the join."""

    PUBLISHED = "published"
    HELD = "held"
    BARS = "bars"
    CLOCK = "clock"
    NOTHING = "nothing"


@frozen
class Placed:
    """A part with its role and the seconds when each of its rows became known."""

    part: Part
    role: Role
    length: int | None = None
    stamp: Stamp | None = None
    known: Sequence[int] = field(factory=list, repr=False)
    notes: tuple[str, ...] = ()


def roles_of(parts: Sequence[Part]) -> list[Role]:
    """Say what each part is to the join; bars that no rule reads count only where an asset has no others."""
    roles = [_role(part) for part in parts]
    served = {part.asset for part, role in zip(parts, roles, strict=True) if role is Role.BARS}
    return [
        Role.NOTHING if role is Role.CLOCK and part.asset in served else role
        for part, role in zip(parts, roles, strict=True)
    ]


def _role(part: Part) -> Role:
    if not part.uses:
        return Role.CLOCK if part.priced else Role.NOTHING
    if all(settled(use.field) for use in part.uses):
        return Role.PUBLISHED
    return Role.HELD if all(_cadence(use.field) for use in part.uses) else Role.BARS


def settled(needed: Field) -> bool:
    """Say whether a field is a settled rate: its stamp is the settlement, never the open of a bar."""
    return needed.kind.name == "rate" and needed.every is not None


def _cadence(needed: Field) -> int | None:
    return needed.every if needed.every is not None else needed.valid_for


def base_period(parts: Sequence[tuple[Part, Role]], request: Request) -> int:
    """Return the base period in seconds: what the rule file states, else the one spacing of the data."""
    if request.bars is not None:
        return request.bars
    for role in (Role.BARS, Role.CLOCK, Role.HELD, Role.PUBLISHED):
        found = {
            length: part for part, own in reversed(parts) if own is role and (length := _length(part, own)) is not None
        }
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise _several(found)
    raise DataError("RL708", "the data does not tell how long a bar is; write it in the rule file, as in `bars 1h`")


def _several(found: dict[int, Part]) -> DataError:
    each = ", ".join(f"{duration_text(length)} ({display(found[length].path)})" for length in sorted(found))
    return DataError(
        "RL708",
        f"the data has several spacings: {each}; "
        f"write the one to step by in the rule file, as in `bars {duration_text(min(found))}`",
    )


def _length(part: Part, role: Role) -> int | None:
    """Return the spacing of a part in seconds, whole minutes as bars are; `None` for a single row or irregular moments.

    Settlements may jitter, so theirs is taken to five minutes.
    """
    if role is Role.PUBLISHED:
        return spacing([round(stamp / (300 * SECOND)) * 300 for stamp in part.stamps]) or None
    distance = spacing(part.stamps)
    if distance is None:
        return None
    minutes = round(distance / (60 * SECOND))
    if minutes > 0 and abs(distance - minutes * 60 * SECOND) <= 2 * SECOND:
        return minutes * 60
    if role is Role.HELD:
        return None
    message = f"most rows are {distance / SECOND:g} s apart; bars are whole minutes long"
    raise DataError("RL708", message, part.path, column=part.time)


def place(part: Part, role: Role, base: int, stamp: Stamp | None) -> Placed:
    """Return a part with the time when each of its rows became known."""
    if role is Role.NOTHING:
        return Placed(part, role)
    if role is Role.PUBLISHED:
        return _published(part, base)
    length = _length(part, role)
    own = TELLING.get(part.time.strip().lower(), stamp)
    if own is None:
        raise DataError(
            "RL704",
            "nothing says whether it is the open or the close of each bar, and an open taken for a close "
            "lets rules see the future; "
            "write --time open (as exchanges do) or --time close",
            part.path,
            column=part.time,
        )
    if role is Role.HELD:
        return Placed(part, role, length, own, _held(part, own, length), _cadence_notes(part, length, base))
    if length is not None and length != base:
        if role is Role.CLOCK:
            return Placed(part, Role.NOTHING)
        raise _other_length(part, length, base)
    return Placed(part, role, base, own, _closes(part, own, base), _mixed_notes(part))


def _published(part: Part, base: int) -> Placed:
    length = _length(part, Role.PUBLISHED)
    cadence = min(use.field.every for use in part.uses if use.field.every is not None)
    snap = gcd(cadence, length) if length else cadence
    known = array("q", (settled_at(stamp, snap) for stamp in part.stamps))
    _check_rising(part, known)
    return Placed(part, Role.PUBLISHED, length, None, known, _cadence_notes(part, length, base))


def _held(part: Part, stamp: Stamp, length: int | None) -> Sequence[int]:
    """Return when values became known that stand for longer than a bar: at the end of their own period."""
    snap = min((use.field.every for use in part.uses if use.field.every is not None), default=0)
    if stamp is Stamp.CLOSE:
        known = array("q", (settled_at(own, snap) for own in part.stamps))
        _check_rising(part, known)
        return known
    if length is None:
        raise DataError(
            "RL708",
            "one row does not tell how long its bar is; name the column `known_at` and write when the value was known",
            part.path,
            column=part.time,
        )
    for at, own in enumerate(part.stamps):
        if (own - part.stamps[0]) % (length * SECOND):
            raise DataError(
                "RL708",
                f"{moment(own)} is no multiple of {duration_text(length)} after the first row, so these are no bars; "
                "name the column `known_at` if each is the moment its value became known",
                part.path,
                part.rows[at],
                part.time,
            )
    return array("q", (-(-own // SECOND) + length for own in part.stamps))


def _closes(part: Part, stamp: Stamp, base: int) -> Sequence[int]:
    known = array("q")
    for own, row in zip(part.stamps, part.rows, strict=True):
        close = _close(own, stamp, base)
        if close is None:
            raise DataError(
                "RL708",
                f"{moment(own)} is no {stamp.value} of a bar of {duration_text(base)}; correct or remove the row",
                part.path,
                row,
                part.time,
            )
        known.append(close)
    _check_rising(part, known)
    return known


def _close(own: int, stamp: Stamp, base: int) -> int | None:
    if stamp is Stamp.CLOSE:
        return closed_at(own, base)
    return own // SECOND + base if own % SECOND == 0 and on_grid(own // SECOND, base) else None


def _check_rising(part: Part, known: Sequence[int]) -> None:
    for at in range(1, len(known)):
        if known[at] <= known[at - 1]:
            raise DataError(
                "RL703",
                f"{moment(part.stamps[at])} counts as the same moment as {moment(part.stamps[at - 1])} in row "
                f"{part.rows[at - 1]}; keep one of the two rows",
                part.path,
                part.rows[at],
                part.time,
            )


def _other_length(part: Part, length: int, base: int) -> DataError:
    own, wanted = duration_text(length), duration_text(base)
    use = next(use for use in part.uses if _cadence(use.field) is None)
    if length < base:
        repair = f"write `bars {own}` in the rule file and `{use.field.name}@{wanted}` where {wanted} is meant"
    elif use.field.name in ("open", "high", "low", "close", "volume"):
        repair = f"write `bars {own}` in the rule file, or use a file of {wanted} bars"
    else:
        repair = f"if a value stands for {own}, write `field {use.field.name} every {own}` in the rule file"
    message = f"most rows are {own} apart, the bars are {wanted}; {repair}"
    return DataError("RL708", message, part.path, column=use.column)


def _cadence_notes(part: Part, length: int | None, base: int) -> tuple[str, ...]:
    notes = []
    for use in part.uses:
        every, name = use.field.every, use.field.name
        if every is None or length is None:
            continue
        own, stated = duration_text(length), duration_text(every)
        if length < every:
            notes.append(
                f"`{name}` comes every {own}, the rule file reads it every {stated}: only the first value in "
                f"each {stated} counts; write `field {name} every {own}` to use all"
            )
        if length > every:
            notes.append(
                f"`{name}` comes every {own}, the rule file reads it every {stated}: it is missing in between; "
                f"write `field {name} every {own}`"
            )
        if base > every:
            notes.append(
                f"bars of {duration_text(base)} are longer than {stated}: only the value of `{name}` "
                "published last before a close is seen"
            )
    return tuple(notes)


def _mixed_notes(part: Part) -> tuple[str, ...]:
    names = [use.field.name for use in part.uses if settled(use.field)]
    return (f"{listed(names)} stands in a file of bars: it counts as known when its bar closes",) if names else ()
