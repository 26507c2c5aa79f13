"""Which rules can't be active together, since they compare the same value with constants.

Why it is sound. A rule without an end of its own is active when its condition was true the last time that it was known
(6.1), and a conjunct that is false makes the whole condition false, known or not. So since the step at which an active
rule became true, each of its conjuncts has been true or unknown at every step.

Take a value x that active rules compare with constants, and the last step at which x was known: it is not before the
latest of those steps, at which x was known. There every comparison of x had an answer. Those of the active rules were
true. And a rule whose whole condition is comparisons of x had an answer there too, its last one, so if it is inactive
that answer was false. One value of x gave all these answers; where no value can, the combination is never seen.

`C for n periods` (n of n, on the clock of C) is false wherever C is false now, so it stands for C where a rule is
active. A rule that isn't, or that has an end of its own, says nothing. Where no active rule compares x, x may never
have been known, and everything is possible. A run resumed with other params may show what the old ones allowed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import eq, ge, gt, le, lt

from attrs import frozen

from rulelang.check.checked import Both, CheckedRule, Comparison, Held, Node, WordIs

_OPERATORS: Mapping[str, Callable[[int, int], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le, "is": eq}
_SWAPPED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


@frozen(eq=False)
class Fact:
    """A comparison of a value with a constant: a number, or a word of a field."""

    value: Node
    operator: str
    constant: float | str


@frozen(eq=False)
class Question:
    """A value that rules compare with constants, and which regions of its values the rules leave.

    Regions are bits: the constants in their order, and what lies below, between and above them. `active` and `inactive`
    hold the place of a rule and the regions in which an active, an inactive one can be.
    """

    value: Node
    regions: int
    active: tuple[tuple[int, int], ...]
    inactive: tuple[tuple[int, int], ...]

    def excludes(self, combination: int) -> bool:
        """Say whether no value allows a combination: a bit for each active rule."""
        left, asked = self.regions, False
        for place, regions in self.active:
            if combination >> place & 1:
                left, asked = left & regions, True
        for place, regions in self.inactive:
            if not combination >> place & 1:
                left &= regions
        return asked and not left


def questions(rules: Sequence[CheckedRule], constants: Mapping[int, float]) -> list[Question]:
    """Return the values that rules compare with constants."""
    facts = {at: _facts(rule.condition, constants) for at, rule in enumerate(rules) if not rule.endures}
    values = {id(fact.value): fact.value for found, _ in facts.values() for fact in found}
    return [_question(value, facts) for value in values.values()]


def _facts(condition: Node, constants: Mapping[int, float]) -> tuple[list[Fact], bool]:
    """Return what a true condition says of values, and whether that is all it says, of one value."""
    found: list[Fact] = []
    whole, left, seen = True, [condition], set[int]()
    while left:
        if id(node := left.pop()) in seen:  # lets of lets share their parts
            continue
        seen.add(id(node))
        match node:
            case Both(operator="and"):
                left += [node.right, node.left]
            case Held(each=None, rule=None) if node.count == node.out_of and node.clock == node.condition.clock:
                left.append(node.condition)
                whole = False
            case _ if (fact := _fact(node, constants)) is not None:
                found.append(fact)
            case _:
                whole = False
    return found, whole and len({id(fact.value) for fact in found}) == 1


def _fact(node: Node, constants: Mapping[int, float]) -> Fact | None:
    if isinstance(node, WordIs):
        return Fact(node.inner, "is", node.word)
    if not isinstance(node, Comparison):
        return None
    left, right = constants.get(id(node.left)), constants.get(id(node.right))
    if right is not None and left is None:
        return Fact(node.left, node.operator, right)
    if left is not None and right is None:
        return Fact(node.right, _SWAPPED[node.operator], left)
    return None


def _question(value: Node, facts: Mapping[int, tuple[list[Fact], bool]]) -> Question:
    own = {at: [fact for fact in found if fact.value is value] for at, (found, _) in facts.items()}
    edges = _edges(value, (fact for found in own.values() for fact in found))
    regions = sum(1 << region for region in range(2 * len(edges) + 1) if region % 2 or value.kind.name != "word")
    left = {at: _left(found, edges, regions) for at, found in own.items() if found}
    inactive = tuple((at, regions & ~found) for at, found in left.items() if facts[at][1])
    return Question(value, regions, tuple(left.items()), inactive)


def _edges(value: Node, facts: Iterable[Fact]) -> dict[float | str, int]:
    """Return the region of each constant; words lie on no line, there is nothing between them."""
    named: Iterable[float | str] = sorted({fact.constant for fact in facts}, key=_number)
    words = value.kind.unit
    return {edge: 2 * at + 1 for at, edge in enumerate(words if isinstance(words, tuple) else named)}


def _number(constant: float | str) -> float:
    return constant if isinstance(constant, float) else 0.0


def _left(facts: list[Fact], edges: Mapping[float | str, int], regions: int) -> int:
    for fact in facts:
        holds, edge = _OPERATORS[fact.operator], edges[fact.constant]
        regions &= sum(1 << region for region in range(2 * len(edges) + 1) if holds(region, edge))
    return regions
