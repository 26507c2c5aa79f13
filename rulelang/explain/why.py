"""Why and why not, in sentences, from a decision record alone (clause 7)."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from rulelang.kinds import Kind, duration_text, reading_text
from rulelang.text.outline import Told, marked

Record = dict[str, Any]

_LIMITS = ("floor", "cap", "corridor")
_NOTHING = "makes no difference"
_LISTED = 20
"""So many rules are listed where the one that is asked for doesn't exist."""


class NoSuchRule(LookupError):
    """Raised for a rule that a record doesn't know."""


def why(record: Record) -> Told:
    """Return what a step decided, and why: of each target, of the active rules, and of the others."""
    parts = [_target(name, target, record) for name, target in record["targets"].items()]
    for heading, wanted in (("active rules", True), ("inactive rules", False)):
        rules = [why_rule(record, name) for name, rule in record["rules"].items() if rule["active"] is wanted]
        parts += [Told(heading, tuple(rules))] if rules else []
    if disagreement := record.get("disagreement"):
        told = tuple(map(Told, disagreement))
        parts.insert(0, Told("the engine and the reference, which tells this, disagree: please report it", told))
    if record["alerts"]:
        parts.append(Told("alerts", tuple(Told(f"{alert['rule']}: {alert['text']}") for alert in record["alerts"])))
    if record["rejected"]:
        names = record["rejected"]
        parts.append(Told(f"{', '.join(names)}: the value supplied is out of bounds, so it counts as missing"))
    return Told(_headline(record), tuple(parts))


def why_rule(record: Record, name: str) -> Told:
    """Return why one rule is active or isn't. Raises `NoSuchRule`."""
    if name not in record["rules"]:
        raise NoSuchRule(no_rule(name, list(record["rules"])))
    rule = record["rules"][name]
    told = _active(record, name, rule) if rule["active"] else _inactive(rule)
    return Told(f"{name}: {_since(rule)}", tuple(told), marked(rule["active"]))


def no_rule(name: str, known: Sequence[str]) -> str:
    """Say that a rule isn't known, with the nearest one, or with all of a few."""
    near = get_close_matches(name, known, 1)
    if near:
        return f"there is no rule `{name}`; did you mean `{near[0]}`?"
    more = f" and {len(known) - _LISTED:,} more" if len(known) > _LISTED else ""
    return f"there is no rule `{name}`; the rules are {', '.join(known[:_LISTED]) or 'none'}{more}"


def why_not(record: Record, name: str) -> Told:
    """Return why a rule isn't active or, where it is, why it doesn't have its way. Raises `NoSuchRule`."""
    told = why_rule(record, name)
    if not record["rules"][name]["active"]:
        return told
    ways = [way for target in record["targets"] if (way := _way(record, name, target)) is not None]
    return Told(told.text, (*told.below, *(ways or [Told("it asks nothing of any target")])), told.mark)


def moment_of(record: Record) -> str:
    """Return which decision a record is of: `BTC at 2024-03-14T08:00Z`."""
    return f"{record['asset']} at {record['time']}" if record["asset"] else str(record["time"])


# --- the decision


def _headline(record: Record) -> str:
    levels = [f"{name} {_text(target, target['after'])}" for name, target in record["targets"].items()]
    return f"{moment_of(record)}: {', '.join(levels) or 'no target'}"


def _text(target: Record, value: float | None) -> str:
    name, unit = target["kind"]
    return reading_text(value, Kind(name, unit))


def _target(name: str, target: Record, record: Record) -> Told:
    told = [_level(name, target), *_limits(name, target), *_brakes(name, target)]
    return Told(f"{name} {_in_force(target, record)}", tuple(told))


def _in_force(target: Record, record: Record) -> str:
    after, before = target["after"], target["before"]
    if after != before:
        way = "rises" if after > before else "falls"
        return f"{way} from {_text(target, before)} to {_text(target, after)}"
    if target["since"] is None:
        return f"stays at {_text(target, after)}, unchanged since the run began at {record['run']['began']}"
    price = "" if target["price"] is None else f", when close was {reading_text(target['price'], Kind('price'))}"
    return f"stays at {_text(target, after)}, unchanged since {target['since']}{price}"


def _level(name: str, target: Record) -> Told:
    """Tell how the level came about, rule by rule, and who had the last word."""
    word, level = target["last_word"], _text(target, target["level"])
    if word is None:
        said = f"the level is {level}: no active rule sets it, and no `otherwise`"
    elif word == "otherwise":
        said = f"the level is {level}, from `otherwise`: no active rule sets it"
    else:
        said = f"the level is {level}: {word} has the last word"
    if target["frozen"] and word in (None, "otherwise"):
        said = f"the level is {level}: the value of `otherwise` is missing, so {name} is frozen"
    return Told(said, tuple(_steps(name, target)))


def _steps(name: str, target: Record) -> Iterator[Told]:
    """Tell what each active rule did to the level, in file order."""
    parts = [part for part in target["parts"] if not _limits_only(part)]
    if parts and parts[0]["does"] in ("increase", "reduce"):
        yield Told(f"it starts at {_text(target, target['start'])}")
    level, frozen = target["start"], False
    for part in parts:
        yield Told(f"{part['rule']}: {_action(part, target)}, {_effect(part, name, target, level, frozen)}")
        frozen = part["does"] == "freeze" or None in part["values"] or (frozen and part["does"] != "set")
        level = part["result"]


def _effect(part: Record, name: str, target: Record, level: float, frozen: bool) -> str:
    result = _text(target, part["result"])
    if None in part["values"]:
        return f"but its value is missing, so {name} is frozen at {result}"
    if part["does"] == "freeze":
        return f"keeps {result}"
    if frozen and part["does"] != "set":
        return "but a frozen level isn't adjusted"
    return f"makes {result}" if part["result"] != level else f"it is {result} already"


def _action(part: Record, target: Record) -> str:
    """Return an action as it is written, with the values that aren't."""
    values = [_text(target, value) for value in part["values"] if value is not None]
    computed = [text for text in values if text not in part["action"]]
    return f"{part['action']} ({', '.join(computed)})" if computed else str(part["action"])


def _limits_only(part: Record) -> bool:
    """Say whether a part is a floor or cap with a value; without one it freezes the level."""
    return part["does"] in _LIMITS and None not in part["values"]


def _limits(name: str, target: Record, but: str = "") -> Iterator[Told]:
    """Tell the floors and caps of active rules (`but` one), which make a difference, and the bounds where they do."""
    value = target["level"]
    for part in filter(_limits_only, target["parts"]):
        if part["rule"] != but:
            yield Told(f"{part['rule']}: {_action(part, target)}, {_bite(part, target, value)}")
        value = part["result"]
    low, high = target["bounds"]
    if not low <= value <= high:
        bounds = f"{_text(target, low)} to {_text(target, high)}"
        yield Told(f"the bounds of {name}, {bounds}, make it {_text(target, target['desired'])}")


def _bite(part: Record, target: Record, before: float) -> str:
    """Say what a floor or cap changes."""
    result, named = part["result"], part["rule"] in target["limited_by"]
    if result == before:
        return "passes the brakes" if named else _NOTHING
    change = f"{'raises' if result > before else 'lowers'} it to {_text(target, result)}"
    return change if named else f"{change}, but in the end it {_NOTHING}"


def _brakes(name: str, target: Record) -> Iterator[Told]:
    """Tell what held a change back, and until when."""
    if target["held"] is None:
        return
    desired = f"{_text(target, target['desired'])} is desired"
    move = _text(target, abs(target["desired"] - target["before"]))
    match target["held"]:
        case "band":
            limit = _text(target, target["held_limit"])
            yield Told(f"{desired}, but the move of {move} is smaller than `change at least {limit}`: held back")
        case "cooldown":
            wait = duration_text(target["held_limit"])
            yield Told(f"{desired}, held back by `cooldown {wait}` until {target['held_until']}")
        case _:
            limit = _text(target, target["held_limit"])
            yield Told(f"{desired}, a move of {move}: `step at most {limit}` lets {name} get there step by step")


# --- rules


def _since(rule: Record) -> str:
    """Say since when a rule has been as it is, and when it last was otherwise."""
    state, other = ("active", "inactive") if rule["active"] else ("inactive", "active")
    if rule["since"] is None:
        return f"never active since {rule['began']}, its first bar"
    if rule["otherwise"] is None:
        return f"{state} since {rule['since']}, its first bar"
    return f"{state} since {rule['since']}, still {other} at {rule['otherwise']}"


def _active(record: Record, name: str, rule: Record) -> Iterator[Told]:
    if name in record["because"]:
        yield Told(f"because {record['because'][name]}")
    yield from _condition(rule, rule["why"])
    ends = "until" in rule or "lasts" in rule
    if rule["truth"] is not True:
        state = "unknown" if rule["truth"] is None else "no longer true"
        yield Told(f"its condition is {state}: it goes on to its own end" if ends else _STAYS.format("active"))
    if "until" in rule:
        yield Told(f"until {rule['exit']}", tuple(map(_leaf, rule["until"])))
    if "lasts" in rule:
        yield Told(_lasting(rule))


def _lasting(rule: Record) -> str:
    """Say how long a rule goes on that lasts for a time."""
    lasts, is_true = rule["lasts"], rule["truth"] is True
    until = "" if lasts["until"] is None else f", so to {lasts['until']}{' at least' if is_true else ''}"
    return f"for {lasts['for']} after its condition was last true{until or (', as it is now' if is_true else '')}"


_STAYS = "its condition is unknown: it stays {}"


def _inactive(rule: Record) -> Iterator[Told]:
    yield from _condition(rule, rule["why_not"])
    if rule["truth"] is None:
        yield Told(_STAYS.format("inactive"))
    if rule["truth"] is True:
        yield Told(_ended(rule))


def _condition(rule: Record, leaves: Sequence[Record]) -> Iterator[Told]:
    """Tell the condition as it is written, unless its only comparison says it all, and each comparison that counts."""
    if [leaf["condition"] for leaf in leaves] != [rule["condition"]]:
        yield Told(f"when {rule['condition']}")
    yield from map(_leaf, leaves)


def _ended(rule: Record) -> str:
    """Say why a rule isn't active although its condition is true."""
    ended = f"until {rule['exit']} has ended it" if rule.get("ended_by") == "until" else "it has ended"
    return f"its condition is true, but {ended}: it starts again when the condition becomes true anew"


def _leaf(leaf: Record) -> Told:
    let = f"{leaf['let']}: " if "let" in leaf else ""
    seen = "" if leaf["text"] == leaf["condition"] else leaf["text"]
    text = f"{let}{leaf['condition']}{f': {seen}' if seen else ''}"
    return Told(text, tuple(map(_leaf, leaf.get("parts", ()))), marked(leaf["truth"]))


# --- why an active rule doesn't have its way


def _way(record: Record, name: str, target_name: str) -> Told | None:
    """Return why an active rule doesn't have its way with a target, or `None` where it asks nothing of it."""
    target = record["targets"][target_name]
    mine = [part for part in target["parts"] if part["rule"] == name]
    if not mine:
        return None
    told: list[Told] = []
    if any(map(_limits_only, mine)) and name not in target["limited_by"]:
        told.append(Told("its floor or cap makes no difference: without it all would be the same"))
    if not all(map(_limits_only, mine)) and target["last_word"] != name:
        told.append(Told(_outdone(record, name, target_name)))
    told += (one for one in _limits(target_name, target, name) if not one.text.endswith(_NOTHING))
    told += _brakes(target_name, target)
    heading = f"{target_name} is {_text(target, target['after'])}"
    return Told(f"{heading}, because" if told else f"{heading}: the rule has its way", tuple(told))


def _outdone(record: Record, name: str, target_name: str) -> str:
    """Say who has the last word on a level in place of a rule: another one, or `otherwise` without a value."""
    word, names = record["targets"][target_name]["last_word"], list(record["rules"])
    if word not in names:
        return f"the value of `otherwise` is missing, so {target_name} is frozen"
    place = "below" if names.index(word) > names.index(name) else "above"
    return f"{word}, {place} it in the file, has the last word on the level"
