"""Where a name is declared, and where it is used, in a file and in those that it uses."""

from collections.abc import Iterator

from attrs import frozen

from rulelang.editor.analysis import Analysis
from rulelang.editor.knowledge import Knowledge, Symbol, knowledge
from rulelang.text import Source, Span


@frozen
class Location:
    """A stretch of one file; `declares`: the name is declared there."""

    source: Source
    span: Span
    declares: bool = False


def definition(analysis: Analysis, offset: int) -> Location | None:
    """Return where the name at an offset is declared, or `None` where no file declares it."""
    found = references(analysis, offset)
    return next((location for location in found if location.declares), None)


def references(analysis: Analysis, offset: int, *, declaration: bool = True) -> tuple[Location, ...]:
    """Return every place of the name at an offset, in the order of the files; without its declaration where asked."""
    k = knowledge(analysis)
    word = k.page.word(offset)
    symbol = None if word is None else k.symbol(word)
    if symbol is None or symbol.what in ("function", "kind"):
        return ()
    return tuple(place for place in places(k, symbol) if declaration or not place.declares)


def places(k: Knowledge, symbol: Symbol) -> Iterator[Location]:
    """Yield every place of a name, in the text and in the files that it uses."""
    same: dict[tuple[str, str], bool] = {}  # by what a word that reads so depends on: its part and its owner
    for page in k.pages:
        for word in page.called(symbol.name):
            key = word.part, word.owner
            if key not in same:
                same[key] = k.symbol(word) == symbol
            if same[key]:
                yield Location(page.source, word.span, word.declares)
