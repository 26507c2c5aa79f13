"""Renaming what a file declares, so that it means the same afterwards."""

import re

from attrs import frozen

from rulelang.editor.analysis import Analysis
from rulelang.editor.definition import Location, places
from rulelang.editor.knowledge import Knowledge, Symbol, knowledge
from rulelang.fields import CATALOGUE
from rulelang.functions import FUNCTIONS
from rulelang.syntax.vocabulary import CURRENCIES, KEYWORDS
from rulelang.text import Severity, Source, Span

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_ASSET = re.compile(r"\d*[A-Z][A-Z0-9]*")
_RENAMED = ("param", "let", "rule", "target", "event", "asset", "test")


@frozen
class Edit:
    """A text to put in the place of a stretch of a file."""

    source: Source
    span: Span
    text: str


@frozen
class Refusal:
    """Why a name can't be changed, or not to that one."""

    reason: str


def renameable(analysis: Analysis, offset: int) -> Location | Refusal:
    """Return the place of the name at an offset, or why it can't be renamed."""
    k = knowledge(analysis)
    word = k.page.word(offset)
    symbol = None if word is None else k.symbol(word)
    if word is None or symbol is None:
        return Refusal("here is no name that the file declares")
    reason = _fixed(k, symbol) or _unread(analysis)
    return Refusal(reason) if reason else Location(k.page.source, word.span, word.declares)


def rename(analysis: Analysis, offset: int, new: str) -> tuple[Edit, ...] | Refusal:
    """Return the edits that give the name at an offset another one, in all files, or why that can't be."""
    place = renameable(analysis, offset)
    if isinstance(place, Refusal):
        return place
    k = knowledge(analysis)
    word = k.page.word(offset)
    assert word is not None
    symbol = k.symbol(word)
    assert symbol is not None
    if new == symbol.name:
        return ()
    if reason := _unfit(k, symbol, new):
        return Refusal(reason)
    return tuple(Edit(one.source, one.span, new) for one in places(k, symbol))


# --- what can be renamed


def _fixed(k: Knowledge, symbol: Symbol) -> str:
    """Return why a name is what it is, or nothing."""
    name = symbol.name
    match symbol.what:
        case "field":
            return f"`{name}` is a field: the market data call it so"
        case "function":
            return f"`{name}` is a function of the language"
        case "target" if name == "hedge":
            return "`hedge` is the target that always exists, and whoever runs the rules knows it by that name"
        case what if what not in _RENAMED:
            return f"`{name}` is a {'value of a target' if what == 'member' else what} that can't be renamed"
        case "asset" if name not in k.names.assets:
            return f"`{name}` is not among the assets of this file: the market data call it so"
        case _ if not any(one.declares for one in places(k, symbol)):
            return f"no file declares `{name}`"
        case _:
            return ""


def _unread(analysis: Analysis) -> str:
    """Return which mistake keeps statements from being read: in them the name could be missed."""
    found = (d for d in analysis.diagnostics if d.severity is Severity.ERROR and d.code.startswith("RL1"))
    first = next(found, None)
    if first is None:
        return ""
    return f"line {first.position.line} of {first.source.name} can't be read: {first.message}"


# --- the new name


def _unfit(k: Knowledge, symbol: Symbol, new: str) -> str:
    """Return why something can't have a name, or nothing."""
    if symbol.what == "asset":
        return _unfit_asset(k, new)
    if not _NAME.fullmatch(new):
        return f"`{new}` is no name: names are small letters, digits and `_`, and begin with a letter"
    if new in KEYWORDS:
        return f"`{new}` is a word of the language"
    if new in FUNCTIONS or new == "at_trigger":
        return f"there is already a function `{new}`"
    if new in CATALOGUE or new == "time":
        return f"there is already a market field `{new}`"
    if re.fullmatch(r"\w*line_\d+(_\d+)?", new) and symbol.what == "rule":
        return f"`{new}` is how a rule without a name is called"
    return _taken(k, symbol, new)


def _unfit_asset(k: Knowledge, new: str) -> str:
    if not _ASSET.fullmatch(new):
        return f"`{new}` is no asset: assets are capitals and digits"
    if new in CURRENCIES:
        return f"`{new}` is a currency"
    taken = any(word.part == "asset" for page in k.pages for word in page.called(new))
    return f"there is already an asset `{new}`" if taken else ""


def _taken(k: Knowledge, symbol: Symbol, new: str) -> str:
    """Return what has a name already: one name means one thing, even where two could share it."""
    for page in k.pages:
        for word in page.called(new):
            found = k.symbol(word)
            what = "name" if found is None else found.what
            if what != "kind" and word.part not in ("keyword", "comment", "string", "number", "unit"):
                return f"there is already a {what} `{new}`"
    return f"there is already a target `{new}`" if new in k.names.targets else ""
