"""What belongs at a place in a statement: told from what stands open in it."""

from typing import Any

from attrs import evolve, frozen

from rulelang.editor.knowledge import Knowledge
from rulelang.editor.notes import kind_of
from rulelang.editor.words import Word, words
from rulelang.functions import FUNCTIONS, Parameter, Role
from rulelang.kinds import CONDITION, DURATION, NUMBER, RATIO, TIME, Kind, unify
from rulelang.syntax import tree
from rulelang.syntax.beginning import Beginning


@frozen
class Wanted:
    """What belongs at a place.

    `what`: `value` (of `kind`, where one is wanted), `operator` (behind a value of `kind`), `span`, `duration`,
    `count`, `asset`, `action`, `target`, `member` (of `owner`), `field`, `event`, `anchor`, `param`, `rule`, `word` (of
    `owner`), `asked` (behind `is`), `answer`, `kind`, `given`, `expected`, `text`, `share`, `new` (a name that is
    nowhere yet) or `statement`. `beside`: what a value is set against. `fixed`: only what is known beforehand.
    `level`: it is given to a target.
    """

    what: str
    kind: Kind | None = None
    owner: str = ""
    beside: tree.Expression | None = None
    fixed: bool = False
    level: bool = False


_PLAIN = {
    "ASSETS": "asset",
    "ON": "asset",
    "BUT": "asset",
    "BARS": "duration",
    "PER": "duration",
    "EVERY": "duration",
    "WITHIN": "duration",
    "COOLDOWN": "duration",
    "__ANON_1": "duration",
    "OVER": "span",
    "FIELD": "field",
    "LET": "new",
    "RULE": "new",
    "TEST": "new",
    "TARGET": "new",
    "THEN": "action",
    "OTHERWISE": "target",
    "INCREASE": "target",
    "REDUCE": "target",
    "FREEZE": "target",
    "GIVEN": "given",
    "EXPECT": "expected",
    "ACTIVE": "rule",
    "BECAUSE": "text",
    "ALERT": "text",
    "BEFORE": "anchor",
    "AFTER": "anchor",
    "X": "count",
    "VALID": "none",
}
"""What belongs behind a word, whatever stands before it."""

_OPENING = ("WHEN", "UNTIL", "NOT", "OR")


def wanted(k: Knowledge, begun: Beginning, text: str) -> Wanted:
    """Return what belongs behind a text that begins a statement."""
    last = begun.terminal(-1)
    if not begun.open:
        return Wanted("statement")
    if last == "COMMA" or last == "LPAR":
        return _listed(k, begun, text)
    if last in _OPENING:
        return Wanted("value", CONDITION)
    if last in _PLAIN:
        return Wanted(_PLAIN[last])
    behind = _BEHIND.get(last)
    if behind is not None:
        return behind(k, begun)
    return _behind_value(k, begun)


# --- values set against others


def _node(item: Any) -> tree.Expression | None:
    """Return what stands open as a node, a word as the one that it will be."""
    if isinstance(item, tree.Expression):
        return item
    match getattr(item, "type", ""):
        case "NUMBER":
            return tree.Number(str(item))
        case "PERCENT":
            return tree.Percent(str(item))
        case "DURATION":
            return tree.Duration(str(item))
        case terminal:
            return tree.Name(str(item)) if terminal and str(item).islower() else None


def _against(k: Knowledge, item: Any) -> Wanted:
    node = _node(item)
    return Wanted("value", None if node is None else kind_of(k, node), beside=node)


def _of_target(k: Knowledge, item: Any) -> Wanted:
    target = k.names.targets.get(_name(item))
    return Wanted("value", None if target is None else target.kind, level=True)


def _name(item: Any) -> str:
    if isinstance(item, tree.OtherAsset):
        return item.field.text
    return item.text if isinstance(item, tree.Name) else str(item)


def _side(k: Knowledge, b: Beginning) -> Wanted:
    at = -3 if b.terminal(-1) in ("ABOVE", "BELOW") else -2
    return _against(k, b.open[at])


def _product(k: Knowledge, b: Beginning) -> Wanted:
    return Wanted("value")


def _and(k: Knowledge, b: Beginning) -> Wanted:
    if b.terminal(-3) != "BETWEEN":
        return Wanted("value", CONDITION)
    if b.terminal(-5) == "TARGET":
        return evolve(_against(k, b.open[-2]), fixed=True)
    return _between_whom(k, b, -4)


def _between(k: Knowledge, b: Beginning) -> Wanted:
    if b.terminal(-3) == "TARGET":
        return Wanted("value", RATIO if _name(b.open[-2]) == "hedge" else None, fixed=True)
    return _between_whom(k, b, -2)


def _between_whom(k: Knowledge, b: Beginning, at: int) -> Wanted:
    return _of_target(k, b.open[at]) if acts(b, at) else _against(k, b.open[at])


def acts(b: Beginning, at: int) -> bool:
    """Say whether a name that stands open is the target of an action."""
    before = b.terminal(at - 1)
    if before == "COMMA":
        opener = next((b.terminal(i) for i in range(at - 2, -len(b.open) - 1, -1) if b.terminal(i) in _LISTS), "")
        return opener in ("THEN", "OTHERWISE")
    if b.terminal(0 - len(b.open)) == "OTHERWISE":
        return before == "OTHERWISE" or getattr(b.open[at - 1], "what", "") == "scope"
    return before == "THEN"


_LISTS = ("THEN", "OTHERWISE", "LPAR", "ASSETS", "ON", "BUT", "AT", "EQUAL")


def _least(k: Knowledge, b: Beginning) -> Wanted:
    if b.terminal(-3) in ("CHANGE", "STEP") and b.terminal(-len(b.open)) == "TARGET":
        return Wanted("value", _bounds(k, b), fixed=True)
    return _of_target(k, b.open[-3])


def _bounds(k: Knowledge, b: Beginning) -> Kind | None:
    """Return the kind of the target whose statement this is."""
    name = _name(b.open[1])
    target = k.names.targets.get(name)
    if target is not None:
        return target.kind
    clauses = (getattr(one, "value", None) for one in b.open)
    limits = next((one for one in clauses if isinstance(one, tree.Limits)), None)
    return RATIO if limits is None else kind_of(k, limits.high)


def _by(k: Knowledge, b: Beginning) -> Wanted:
    return evolve(_of_target(k, b.open[-2]), what="amount")


def _from(k: Knowledge, b: Beginning) -> Wanted:
    return Wanted("value", TIME, fixed=True) if b.terminal(-2) == "GIVEN" else _against(k, b.open[-4])


def _moves(k: Knowledge, b: Beginning) -> Wanted:
    return Wanted("value", RATIO)


def _equal(k: Knowledge, b: Beginning) -> Wanted:
    heads = [b.terminal(at) for at in range(-len(b.open), 0)]
    if heads[0] == "LET":
        return Wanted("value")
    if "EXPECT" not in heads and "GIVEN" not in heads:
        return Wanted("value", fixed=True)
    return series(k, b)


def series(k: Knowledge, b: Beginning) -> Wanted:
    """Return what belongs into the series of a test."""
    at = max((at for at in range(len(b.open)) if b.terminal(at - len(b.open)) in ("GIVEN", "EXPECT")), default=0)
    head = [*b.open[at:], None, None]
    if b.terminal(at - len(b.open)) == "EXPECT":
        return Wanted("answer") if str(head[1]) == "active" else evolve(_of_target(k, head[1]), fixed=True)
    if str(head[1]) == "param":
        return Wanted("value", k.kind(_name(head[2])), fixed=True)
    name = _name(head[1])
    kind = k.kind(name)
    return Wanted("series", kind, owner=name if kind is not None and kind.name == "word" else "", fixed=True)


def _in(k: Knowledge, b: Beginning) -> Wanted:
    if b.terminal(-len(b.open)) == "PARAM":
        values = [node for item in b.open[3:] if (node := _node(item)) is not None]
        return evolve(_against(k, values[0]) if values else Wanted("value"), fixed=True, beside=None)
    return Wanted("value", k.kind(_name(b.open[1])), fixed=True)


def _other_end(k: Knowledge, b: Beginning) -> Wanted:
    return evolve(_against(k, b.open[-2]), fixed=True, beside=None)


def _at(k: Knowledge, b: Beginning) -> Wanted:
    if b.terminal(-len(b.open)) == "EVENT" or b.terminal(-3) == "EVENT":
        return Wanted("value", TIME, fixed=True)
    return Wanted("operator")


def _is(k: Knowledge, b: Beginning) -> Wanted:
    left = _node(b.open[-2])
    return Wanted("asked", None if left is None else kind_of(k, left), beside=left)


def _dot(k: Knowledge, b: Beginning) -> Wanted:
    if b.terminal(-2) == "ASSET":
        return Wanted({"EXPECT": "target", "ACTIVE": "rule"}.get(b.terminal(-3), "field"))
    return Wanted("member", owner=_name(b.open[-2]))


def _for(k: Knowledge, b: Beginning) -> Wanted:
    if b.terminal(-2) == "VALID":
        return Wanted("duration", fixed=True)
    left = b.open[-2] if len(b.open) > 1 else None
    return Wanted("span", beside=left if isinstance(left, tree.Expression) else None)


def _of(k: Knowledge, b: Beginning) -> Wanted:
    if b.terminal(-2) in ("PERIODS", "PERIOD"):
        return Wanted("duration")
    return Wanted("share" if "EXPOSURE" in b.accepts and "NUMBER" not in b.accepts else "count")


def _colon(k: Knowledge, b: Beginning) -> Wanted:
    return Wanted("kind" if b.terminal(-1) == "COLON" else "new")


def _event(k: Knowledge, b: Beginning) -> Wanted:
    return Wanted("event" if b.terminal(-2) == "GIVEN" else "new")


def _param(k: Knowledge, b: Beginning) -> Wanted:
    return Wanted("param" if b.terminal(-2) == "GIVEN" else "new")


def _to(k: Knowledge, b: Beginning) -> Wanted:
    return evolve(series(k, b), what="value")


_BEHIND = {
    "COMPARATOR": _side,
    "ABOVE": _side,
    "BELOW": _side,
    "PLUS": _side,
    "MINUS": lambda k, b: _side(k, b) if len(b.open) > 1 and _node(b.open[-2]) is not None else Wanted("value"),
    "STAR": _product,
    "SLASH": lambda k, b: Wanted("value", beside=_node(b.open[-2])),
    "BETWEEN": _between,
    "AND": _and,
    "LEAST": _least,
    "MOST": _least,
    "BY": _by,
    "FROM": _from,
    "RISES": _moves,
    "FALLS": _moves,
    "MOVES": _moves,
    "EQUAL": _equal,
    "IN": _in,
    "__ANON_0": _other_end,
    "AT": _at,
    "IS": _is,
    "DOT": _dot,
    "FOR": _for,
    "OF": _of,
    "COLON": _colon,
    "VBAR": _colon,
    "EVENT": _event,
    "PARAM": _param,
    "TO": _to,
}


# --- lists


@frozen
class InCall:
    """The innermost call that a place lies in: the function's name and where it stands, and which argument it is."""

    function: Word
    argument: int


def in_call(text: str) -> InCall | None:
    """Return the call that the end of a text lies in."""
    open_: list[tuple[Word | None, int]] = []
    before: Word | None = None
    for word in words(text):
        if word.text == "(" and word.part == "sign":
            called = before is not None and before.part in ("function", "value") and before.span.end <= word.span.start
            open_.append((before if called else None, 0))
        elif word.text == ")" and word.part == "sign" and open_:
            open_.pop()
        elif word.text == "," and open_:
            open_[-1] = (open_[-1][0], open_[-1][1] + 1)
        before = word if word.part != "comment" else before
    called_ = next((one for one in reversed(open_) if one[0] is not None), None)
    return None if called_ is None or called_[0] is None else InCall(called_[0], called_[1])


def parameter(name: str, argument: int) -> Parameter | None:
    """Return the parameter that an argument of a function is for."""
    function = FUNCTIONS.get(name)
    if function is None or not function.parameters:
        return None
    if argument >= len(function.parameters) and not function.variadic:
        return None
    return function.parameters[min(argument, len(function.parameters) - 1)]


def _listed(k: Knowledge, b: Beginning, text: str) -> Wanted:
    """Return what belongs behind a comma or an opening parenthesis."""
    openers = [(at, b.terminal(at)) for at in range(-1, -len(b.open) - 1, -1) if b.terminal(at) in _LISTS]
    at, opener = openers[0] if openers else (-1, "")
    if b.terminal(-1) == "COMMA" and opener == "THEN":
        return Wanted("action")
    if opener == "OTHERWISE":
        return Wanted("target")
    if opener in ("ASSETS", "ON", "BUT"):
        return Wanted("asset")
    if opener == "AT":
        return Wanted("value", TIME, fixed=True)
    if opener == "EQUAL":
        return Wanted("asset") if b.terminal(-len(b.open)) == "PARAM" else series(k, b)
    call = in_call(text)
    if call is None or at == -len(b.open) or _node(b.open[at - 1]) is None:
        return Wanted("value", CONDITION if at > -len(b.open) and b.terminal(at - 1) in _OPENING else None)
    return _argument(k, call)


def _argument(k: Knowledge, call: InCall) -> Wanted:
    found = parameter(call.function.text, call.argument)
    match None if found is None else found.role:
        case Role.WINDOW:
            return Wanted("window", NUMBER, fixed=True)
        case Role.NUMBER:
            return Wanted("value", NUMBER, fixed=True)
        case Role.CONDITION:
            return Wanted("value", CONDITION)
        case _:
            return Wanted("value", DURATION if found is not None and found.name == "duration" else None)


def _behind_value(k: Knowledge, b: Beginning) -> Wanted:
    """Return what belongs behind a value or a name."""
    if isinstance(_node(b.open[-1]), tree.Name) and acts(b, -1):
        return _of_target(k, b.open[-1])
    operand = b.operand()
    if not isinstance(operand, tree.Expression):
        return Wanted("operator")
    return Wanted("operator", kind_of(k, operand), beside=operand)


def fits(wanted: Kind | None, kind: Kind | None) -> bool:
    """Say whether a value of a kind goes where one is wanted."""
    if wanted is None or kind is None:
        return wanted is None
    if CONDITION in (wanted, kind):
        return wanted == kind
    joint = unify(wanted, kind)
    return isinstance(joint, Kind) and joint.name == wanted.name and (wanted.name != "rate" or kind.name != "ratio")
