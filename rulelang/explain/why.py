"""Why and why not, in sentences, from a decision record alone (clause 7)."""

from collections.abc import Iterator
from typing import Any

from rulelang.kinds import Kind, duration_text, reading_text
from rulelang.text.outline import Told, marked

Record = dict[str, Any]


class NoSuchRule(LookupError):
    """Raised for a rule that a record doesn't know."""


def why(record: Record) -> Told:
    """Return what a step decided, and why: of each target, of the active rules, and of the others."""
    active = {name: rule for name, rule in record["rules"].items() if rule["active"]}
    others = {name: rule for name, rule in record["rules"].items() if not rule["active"]}
    parts = [_target(name, target, record) for name, target in record["targets"].items()]
    if active:
        parts.append(Told("active rules", tuple(why_rule(record, name) for name in active)))
    if others:
        parts.append(Told("other rules", tuple(why_rule(record, name) for name in others)))
    if record["alerts"]:
        parts.append(Told("alerts", tuple(Told(f"{alert['rule']}: {alert['text']}") for alert in record["alerts"])))
    if record["rejected"]:
        parts.append(Told(f"out of bounds, so counted as missing: {', '.join(record['rejected'])}"))
    return Told(_headline(record), tuple(parts))


def why_rule(record: Record, name: str) -> Told:
    """Return why one rule is active or isn't. Raises `NoSuchRule`."""
    if name not in record["rules"]:
        known = ", ".join(record["rules"]) or "none"
        raise NoSuchRule(f"there is no rule `{name}`; the rules are {known}")
    rule = record["rules"][name]
    told = _active(record, name, rule) if rule["active"] else _inactive(record, rule)
    state = "active" if rule["active"] else "not active"
    return Told(f"{name} is {state}, {_since(record, rule)}", tuple(told), marked(rule["active"]))


def why_not(record: Record, name: str) -> Told:
    """Return why a rule isn't active or, where it is, why it doesn't have its way. Raises `NoSuchRule`."""
    told = why_rule(record, name)
    if not record["rules"][name]["active"]:
        return told
    ways = [_way(record, name, target) for target in record["targets"]]
    return Told(told.text, (*told.below, *(way for way in ways if way is not None)), told.mark)


# --- the decision


def _headline(record: Record) -> str:
    of = f"{record['asset']} at " if record["asset"] else ""
    levels = [f"{name} {_text(target, 'after')}" for name, target in record["targets"].items()]
    return f"{of}{record['time']}: {', '.join(levels) or 'no target'}"


def _text(target: Record, what: str) -> str:
    return reading_text(target[what], _kind(target))


def _kind(target: Record) -> Kind:
    name, unit = target["kind"]
    return Kind(name, unit)


def _target(name: str, target: Record, record: Record) -> Told:
    changed = target["after"] != target["before"]
    was = f", it was {_text(target, 'before')}" if changed else _in_force_since(target, record)
    told = [_level(target), *_limits(name, target), *_brakes(name, target)]
    return Told(f"{name} is {_text(target, 'after')}{was}", tuple(told))


def _in_force_since(target: Record, record: Record) -> str:
    if target["since"] is None:
        return f", as since the run began at {record['run']['began']}"
    price = "" if target["price"] is None else f", when close was {reading_text(target['price'], Kind('price'))}"
    return f", as since {target['since']}{price}"


def _level(target: Record) -> Told:
    """Tell how the level came about, rule by rule, and who had the last word."""
    word = target["last_word"]
    if word is None:
        said = f"the level is {_text(target, 'level')}: no active rule sets it, and no `otherwise`"
    elif word == "otherwise":
        said = f"the level is {_text(target, 'level')}, from `otherwise`: no active rule sets it"
    else:
        said = f"the level is {_text(target, 'level')}: {word} has the last word"
    steps = [part for part in target["parts"] if part["does"] not in ("floor", "cap", "corridor")]
    if target["frozen"]:
        steps_missing = [part["rule"] for part in steps if None in part["values"]] or ["`otherwise`"]
        said += f"; frozen, since a value of {', '.join(steps_missing)} is missing"
    return Told(said, tuple(_step(part, target) for part in steps))


def _step(part: Record, target: Record) -> Told:
    values = [reading_text(value, _kind(target)) for value in part["values"]]
    computed = [text for text in values if text not in part["action"]]
    known = f" ({', '.join(computed)})" if computed else ""
    return Told(f"{part['rule']}: {part['action']}{known}, makes {reading_text(part['result'], _kind(target))}")


def _limits(name: str, target: Record) -> Iterator[Told]:
    """Tell the floors and caps of active rules, and which of them bind."""
    for part in target["parts"]:
        if part["does"] in ("floor", "cap", "corridor"):
            binds = "binds" if part["rule"] in target["limited_by"] else "doesn't bind"
            missing = ", its value is missing" if None in part["values"] else ""
            yield Told(f"{part['rule']}: {part['action']}, {binds}{missing}")
    low, high = target["bounds"]
    if target["desired"] in (low, high) and not target["limited_by"] and target["level"] != target["desired"]:
        yield Told(f"the bounds of {name} make it {_text(target, 'desired')}")


def _brakes(name: str, target: Record) -> Iterator[Told]:
    """Tell what held a change back, and until when."""
    if target["held"] is None:
        return
    kind = _kind(target)
    move = reading_text(abs(target["desired"] - target["before"]), kind)
    wanted = f"{_text(target, 'desired')} is desired"
    match target["held"]:
        case "band":
            limit = reading_text(target["held_limit"], kind)
            yield Told(f"{wanted}; held back by the band: a move of {move}, and {name} changes by at least {limit}")
        case "cooldown":
            wait = duration_text(target["held_limit"])
            yield Told(f"{wanted}; held back by the cooldown of {wait} until {target['held_until']}")
        case _:
            limit = reading_text(target["held_limit"], kind)
            yield Told(f"{wanted}; a move of {move}, and {name} moves by at most {limit} at a time")


# --- rules


def _since(record: Record, rule: Record) -> str:
    if rule["otherwise"] is None and rule["since"] is None:
        never = "never active" if not rule["active"] else "always active"
        return f"{never} since the run began at {record['run']['began']}"
    before = "" if rule["otherwise"] is None else f"; last {_other(rule)} at {rule['otherwise']}"
    return f"since {rule['since']}{before}"


def _other(rule: Record) -> str:
    return "not active" if rule["active"] else "active"


def _active(record: Record, name: str, rule: Record) -> Iterator[Told]:
    if name in record["because"]:
        yield Told(f"because {record['because'][name]}")
    yield from map(_leaf, rule["why"])
    if "until" in rule:
        yield Told(f"until {rule['exit']}", tuple(map(_leaf, rule["until"])))
    if "lasts" in rule:
        lasts = rule["lasts"]
        until = "" if lasts["until"] is None else f", so until {lasts['until']} at least"
        yield Told(f"for {lasts['for']} after its condition was last true{until}")


def _inactive(record: Record, rule: Record) -> Iterator[Told]:
    leaves = rule["why_not"]
    if rule["truth"] is True:
        yield Told(_ended(rule))
    elif len(leaves) == 1 and leaves[0]["condition"] == rule["condition"]:
        pass
    else:
        yield Told(f"when {rule['condition']}")
    yield from map(_leaf, leaves)


def _ended(rule: Record) -> str:
    """Say why a rule isn't active although its condition is true."""
    exit_ = f"its exit, until {rule['exit']}, came true" if rule.get("ended_by") == "until" else "it ended"
    return f"its condition is true, but {exit_}: it starts again when the condition becomes true anew"


def _leaf(leaf: Record) -> Told:
    spare = ""
    truth = leaf.get("now", leaf["truth"])
    if truth is True and "margin" in leaf and leaf["margin"]["value"]:
        spare = f", {leaf['margin']['text']} to spare"
    text = f"{leaf['condition']}: {leaf['text']}{spare}".rstrip(": ")
    return Told(text, tuple(map(_leaf, leaf.get("parts", ()))), marked(leaf["truth"]))


def _way(record: Record, name: str, target_name: str) -> Told | None:
    """Return why an active rule doesn't have its way with a target, or `None` where it has or doesn't ask."""
    target = record["targets"][target_name]
    mine = [part for part in target["parts"] if part["rule"] == name]
    if not mine:
        return None
    told: list[Told] = []
    limits = ("floor", "cap", "corridor")
    if any(part["does"] in limits for part in mine) and name not in target["limited_by"]:
        told.append(Told("its floor or cap doesn't bind: without it nothing would be different"))
    if any(part["does"] not in limits for part in mine) and target["last_word"] != name:
        told.append(Told(f"{target['last_word']} stands below it and has the last word"))
    told += [Told(f"{other} moves the level by its floor or cap") for other in target["limited_by"] if other != name]
    told += _brakes(target_name, target)
    heading = f"it has its way with {target_name}" if not told else f"of {target_name}"
    return Told(f"{heading}: {_text(target, 'after')} in force", tuple(told))
