"""What a checked file asks for: its rules, history, state and bounds, in one record."""

from collections.abc import Mapping

from attrs import frozen

from rulelang.check.checked import Applied, Held, Moved, Node, Program
from rulelang.check.checker import CheckedRules, state_bytes
from rulelang.functions import FUNCTIONS
from rulelang.kinds import duration_text, value_text


@frozen
class Summary:
    """One line about a file. `history`: seconds until every function can have a value (`None`: in `periods` only)."""

    rules: int
    assets: tuple[str, ...]
    bars: int | None
    periods: int
    history: int | None
    state: int
    bounds: Mapping[str, str]

    def __str__(self) -> str:
        base = duration_text(self.bars) if self.bars else "those of the data"
        days = f" ({self.history / 86_400:.4g} days)" if self.history is not None else ""
        bounds = ", ".join(f"{name} {bound}" for name, bound in self.bounds.items()) or "none"
        parts = [
            f"{self.rules} rule{'s' if self.rules != 1 else ''}",
            f"assets {', '.join(self.assets)}" if self.assets else "one asset",
            f"bars {base}",
            f"history {self.periods:,} period{'s' if self.periods != 1 else ''}{days}",
            f"state {size_text(self.state)}",
            f"targets {bounds}",
        ]
        return " · ".join(parts)


def size_text(size: int) -> str:
    """Return a number of bytes as a person reads it."""
    for unit, factor in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"


def summary(rules: CheckedRules) -> Summary:
    """Return what a checked file asks for."""
    programs = list(rules.programs.values())
    first = programs[0]
    bars = first.bars or 1
    longest = max((_history(program) for program in programs), default=0)
    bounds = {
        name: f"{value_text(target.low, target.kind)} to {value_text(target.high, target.kind)}"
        for name, target in first.targets.items()
    }
    names = {placed for program in programs for placed in (rule.name for rule in program.rules)}
    return Summary(
        len(names),
        rules.assets,
        first.bars,
        -(-longest // bars),
        longest if first.bars else None,
        sum(map(state_bytes, programs)),
        bounds,
    )


def _history(program: Program) -> int:
    """Return the time until every node can have a value, in seconds, or in bars where their length isn't known."""
    done: dict[int, int] = {}
    for node in program.nodes:
        inner = max((done.get(id(child), 0) for child in children(node)), default=0)
        done[id(node)] = inner + _own(node, program.bars)
    return max(done.values(), default=0)


def needed(node: Node, bars: int | None) -> int:
    """Return the time until a node can have a value, in seconds, or in bars where their length isn't known."""
    done: dict[int, int] = {}
    open_ = [node]
    while open_:
        one = open_[-1]
        parts = children(one)
        waiting = [child for child in parts if id(child) not in done]
        if waiting:
            open_ += waiting
            continue
        done[id(one)] = max((done[id(child)] for child in parts), default=0) + _own(one, bars)
        open_.pop()
    return done[id(node)]


def _own(node: Node, bars: int | None) -> int:
    period = _period(node, bars)
    match node:
        case Applied() if FUNCTIONS[node.function].start is not None:
            return FUNCTIONS[node.function].warm_up(node.window or 1) * period - _one_bar(node, bars)
        case Held():
            return node.out_of * (node.each or period) - _one_bar(node, bars)
        case Moved(back=int()):
            return (node.back or 0) * period
        case _:
            return 0


def _one_bar(node: Node, bars: int | None) -> int:
    """Return the bar that a window shares with what it looks at, where that looks at bars itself."""
    inner = any(isinstance(child, Applied | Held) for child in children(node))
    return _period(node, bars) if inner else 0


def _period(node: Node, bars: int | None) -> int:
    """Return the seconds of a node's period; where the length of a bar isn't known, all is counted in periods."""
    return 1 if bars is None else node.clock.period or bars


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes that a node is made of."""
    found: list[Node] = []
    for name in ("left", "right", "inner", "condition", "value", "amount", "origin", "anchor"):
        child = getattr(node, name, None)
        if child is not None:
            found.append(child)
    if isinstance(node, Applied):
        found += [*node.arguments, *node.numbers]
    return tuple(found)
