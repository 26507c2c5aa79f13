"""Brakes that can never be at work: among a handful of fixed levels a band or a step may have nothing to hold back."""

from rulelang.check.checked import CheckedAction, CheckedTarget, Program
from rulelang.check.exact import exact_value
from rulelang.syntax import tree

_MOST = 500
"""So many levels are followed; where there may be more, every brake counts as one that can be at work."""

_Levels = frozenset[float]


def can_hold(program: Program, target: CheckedTarget, brake: tree.Brake) -> bool:
    """Say whether a brake of a target can ever hold a change back."""
    wanted = _wanted(program, target)
    if brake.what == "cooldown" or wanted is None:
        return True
    places = _places(target, wanted, _first(program, target))
    if places is None:
        return True
    tolerance = 1e-9 * target.range
    moves = [(end, end - place) for place in places for end in wanted if abs(end - place) > tolerance]
    if brake.what == "band":
        free = (0.0, target.low, target.high)
        size = (target.band or 0.0) - tolerance
        return any(abs(move) < size and all(abs(end - one) > tolerance for one in free) for end, move in moves)
    sizes = [(abs(move), _step(target, move)) for _, move in moves if brake.direction in ("", _direction(move))]
    return any(step is not None and size > step + tolerance for size, step in sizes)


def _direction(move: float) -> str:
    return "up" if move > 0 else "down"


def _step(target: CheckedTarget, move: float) -> float | None:
    return target.step_up if move > 0 else target.step_down


def _wanted(program: Program, target: CheckedTarget) -> _Levels | None:
    """Return every level that the rules may want, or `None` where it depends on the market."""
    node = program.otherwise.get(target.name)
    first = max(target.low, min(target.high, 0.0)) if node is None else exact_value(node)
    if first is None:
        return None
    levels: _Levels = frozenset((float(first),))
    limits: _Levels = frozenset()
    for action in (action for rule in program.rules for action in rule.actions if action.target == target.name):
        values = [exact_value(node) for node in action.values]
        known = [float(value) for value in values if value is not None]
        if len(levels) > _MOST or len(known) < len(values):
            return None
        if action.what in ("floor", "cap", "corridor"):
            limits |= set(known)
        else:
            levels |= _after(action, known, levels)
    return frozenset(max(target.low, min(target.high, level)) for level in levels | limits)


def _after(action: CheckedAction, values: list[float], levels: _Levels) -> _Levels:
    """Return what an action may make of levels; `freeze` keeps what is in force, which is no move."""
    if action.what == "set":
        return frozenset(values)
    sign = {"increase": 1, "reduce": -1}.get(action.what, 0)
    return frozenset(one + sign * value * (one if action.share == "level" else 1) for one in levels for value in values)


def _first(program: Program, target: CheckedTarget) -> list[float]:
    """Return what is in force before the first level, which only a `freeze` keeps there: that level is free."""
    actions = (action for rule in program.rules for action in rule.actions)
    frozen = any(action.what == "freeze" and action.target == target.name for action in actions)
    return [max(target.low, min(target.high, 0.0))] if frozen else []


def _places(target: CheckedTarget, wanted: _Levels, first: list[float]) -> _Levels | None:
    """Return every level that may be in force, those on the way of a stepped move too, or `None` for too many."""
    found: set[float] = set()
    open_ = [*wanted, *first]
    while open_ and len(found) <= _MOST:
        place = open_.pop()
        if any(abs(place - known) < 1e-12 * target.range for known in found):
            continue
        found.add(place)
        open_ += [_toward(target, place, end) for end in wanted]
    return None if open_ else frozenset(found)


def _toward(target: CheckedTarget, place: float, end: float) -> float:
    step = _step(target, end - place)
    if step is None or abs(end - place) <= step:
        return end
    return place + step if end > place else place - step
