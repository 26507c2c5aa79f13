"""Keys: a digest of what a node means, under which its memory is found again in changed rules."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b

from rulelang.check import checked as c
from rulelang.check.summary import children

_OWN: Mapping[type, tuple[str, ...]] = {
    c.Constant: ("exact", "kind"),
    c.ParamValue: ("exact", "kind"),
    c.FieldValue: ("asset", "field"),
    c.TargetValue: ("target", "what"),
    c.TimeValue: (),
    c.Negated: (),
    c.Scaled: ("times", "by"),
    c.Arithmetic: ("operator",),
    c.Applied: ("function", "window", "seconds"),
    c.AtTrigger: ("rule", "after"),
    c.Both: ("operator",),
    c.Inverted: (),
    c.Comparison: ("operator",),
    c.Crossing: ("direction",),
    c.Known: ("missing",),
    c.WordIs: ("word",),
    c.RuleActive: ("rule",),
    c.Near: ("distance", "side", "event"),
    c.EveryPeriod: ("period",),
    c.Moved: ("verb", "back"),
    c.Held: ("count", "out_of", "each", "rule"),
}
"""What a node is made of besides other nodes, as the reference has it."""


def keys(order: Iterable[c.Node | str], wanted: Iterable[int]) -> dict[int, str]:
    """Return the keys of some nodes, by identity, and of all they are made of; `order` has children first."""
    nodes = [item for item in order if not isinstance(item, str)]
    needed, parts = set(wanted), {}
    for node in reversed(nodes):
        if id(node) in needed:
            inside = parts[id(node)] = [id(child) for child in children(node)]
            needed.update(inside)
    found: dict[int, str] = {}
    shown: dict[int, str] = {}
    for node in nodes:
        if id(node) in needed:
            found[id(node)] = _digest(node, [found[part] for part in parts[id(node)]], shown)
    return found


def _digest(node: c.Node, parts: list[str], shown: dict[int, str]) -> str:
    facts = [type(node).__name__, *[_text(getattr(node, name), shown) for name in _OWN[type(node)]]]
    facts += [_text(node.clock, shown), str(getattr(node, "frame", None)), *parts]
    return blake2b("|".join(facts).encode(), digest_size=12).hexdigest()


def _text(value: object, shown: dict[int, str]) -> str:
    """Return a value's text; those of kinds, fields and clocks, which nodes share, are made once."""
    if value is None or isinstance(value, str | int):
        return repr(value)
    text = shown.get(id(value))
    if text is None:
        text = shown[id(value)] = repr(value)
    return text
