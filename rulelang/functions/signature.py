"""What kinds functions take and give; what does not fit is said in the user's words."""

from rulelang.functions.record import Result
from rulelang.kinds import CONDITION, DURATION, NUMBER, RATIO, TIME, Clash, Kind, unify

Kinds = tuple[Kind, ...]

_UNMEASURABLE = ("condition", "time", "word")


def _a(kind: Kind) -> str:
    if kind.name in ("money", "coins"):
        return kind.name
    return f"an {kind}" if kind.name == "amount" else f"a {kind}"


def _unfit(name: str, kinds: Kinds, times: bool = False) -> Clash | None:
    """Return what is wrong with arguments that should be measurable; `times` may be among them where it says so."""
    for kind in kinds:
        if kind.name in _UNMEASURABLE and not (times and kind == TIME):
            wanted = "a price, a time, a ratio or another number" if times else "a price, a ratio or another number"
            return Clash(f"`{name}` takes {wanted}, not {_a(kind)}")
    return None


def gives(kind: Kind) -> Result:
    """Return the result of a function without series of its own."""
    return lambda kinds: kind


def measures(name: str, result: Kind) -> Result:
    """Return the result of a function that makes the same kind of everything measurable."""
    return lambda kinds: _unfit(name, kinds) or result


def keeps(name: str) -> Result:
    """Return the result of a function that keeps the kind of its series."""
    return lambda kinds: _unfit(name, kinds) or kinds[0]


def keeps_times(name: str) -> Result:
    """Return the result of a function that keeps the kind of its series, which may be a time."""
    return lambda kinds: _unfit(name, kinds, times=True) or kinds[0]


def difference(kinds: Kinds) -> Kind | Clash:
    """Return the kind of a difference; of times it is a duration."""
    return _unfit("difference", kinds, times=True) or (DURATION if kinds[0] == TIME else kinds[0])


def total(kinds: Kinds) -> Kind | Clash:
    """Return the kind of a sum; of a rate it is the ratio that accrued (C27)."""
    return _unfit("sum", kinds) or (RATIO if kinds[0].name == "rate" else kinds[0])


def is_rate(kinds: Kinds) -> bool:
    """Say whether the series is a rate."""
    return kinds[0].name == "rate"


def counts(name: str) -> Result:
    """Return the result of a function that counts periods by a condition."""

    def result(kinds: Kinds) -> Kind | Clash:
        if kinds[0] == CONDITION:
            return NUMBER
        return Clash(f"`{name}` takes a condition such as `close > open`, not {_a(kinds[0])}")

    return result


def unifies(name: str) -> Result:
    """Return the result of a function whose arguments have to go together."""
    return lambda kinds: _together(name, kinds)


def _together(name: str, kinds: Kinds) -> Kind | Clash:
    joined: Kind | Clash = _unfit(name, kinds, times=True) or kinds[0]
    for kind in kinds[1:]:
        joined = joined if isinstance(joined, Clash) else unify(joined, kind)
    return joined


def choice(kinds: Kinds) -> Kind | Clash:
    """Return the kind of `if`: what its two values have in common."""
    if kinds[0] != CONDITION:
        return Clash(f"`if` takes a condition first, such as `close > open`, not {_a(kinds[0])}")
    return _together("if", kinds[1:])


def annualised(kinds: Kinds) -> Kind | Clash:
    """Return a ratio for a rate, or for a ratio and a duration."""
    first = kinds[0]
    if len(kinds) == 1:
        if first.name == "rate":
            return RATIO
        without = "a ratio needs the duration it was earned in: `annualised(basis(), expiry - time)`"
        wanted = without if first == RATIO else f"`annualised` takes a rate, or a ratio and a duration, not {_a(first)}"
        return Clash(wanted)
    if first.name == "rate":
        return Clash("a rate knows its period: `annualised` takes no duration beside it")
    if first.name not in ("ratio", "zero") or kinds[1] != DURATION:
        return Clash(f"`annualised` takes a ratio and a duration, not {_a(first)} and {_a(kinds[1])}")
    return RATIO


def always_needed(kinds: Kinds) -> bool:
    """Say that the clock has to be known whatever the arguments."""
    return True
