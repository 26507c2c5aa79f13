"""Signature help: the function whose arguments are being typed, and which argument it is."""

from attrs import frozen

from rulelang.check.calls import signature
from rulelang.editor.analysis import Analysis
from rulelang.editor.hover import AT_TRIGGER
from rulelang.editor.knowledge import knowledge
from rulelang.editor.place import in_call
from rulelang.explain.reference import ROLES
from rulelang.functions import FUNCTIONS, Function
from rulelang.text import Span


@frozen
class Argument:
    """A parameter: its place in the label, and what it is."""

    span: Span
    documentation: str


@frozen
class SignatureHelp:
    """How a function is called; `active`: the parameter that is being typed, `None` beyond the last."""

    label: str
    documentation: str
    parameters: tuple[Argument, ...]
    active: int | None


def signature_help(analysis: Analysis, offset: int) -> SignatureHelp | None:
    """Return the signature of the innermost call around an offset, or `None` where it lies in none."""
    page = knowledge(analysis).page
    around = page.around(offset)
    call = in_call(page.source.text[around.start : offset])
    if call is None:
        return None
    if call.function.text == "at_trigger":
        argument = Argument(Span(11, 12), "the value to look back to")
        return SignatureHelp("at_trigger(x)", AT_TRIGGER, (argument,), 0 if call.argument == 0 else None)
    function = FUNCTIONS.get(call.function.text)
    return None if function is None else _help(function, call.argument)


def _help(one: Function, argument: int) -> SignatureHelp:
    label = signature(one)
    at = label.index("(") + 1
    found: list[Argument] = []
    for number, parameter in enumerate(one.parameters):
        start = label.index(parameter.name, at)
        at = start + len(parameter.name)
        optional = number >= len(one.parameters) - one.optional
        said = f"{ROLES[parameter.role]}{', may be left out' if optional else ''}: {parameter.help}"
        found.append(Argument(Span(start, at), said))
    last = len(found) - 1
    active = argument if argument <= last else last if one.variadic else None
    return SignatureHelp(label, one.help, tuple(found), active)
