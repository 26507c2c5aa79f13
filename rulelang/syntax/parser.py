"""From text to tree: the only place that knows how text is parsed."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.utils import TextSlice

from rulelang.syntax import mistakes, tree
from rulelang.syntax.build import Builder
from rulelang.syntax.characters import described, is_control, strangers, without
from rulelang.syntax.keeping import Kept
from rulelang.syntax.statements import Piece, cut
from rulelang.syntax.table import load
from rulelang.text import Compared, Diagnostic, Fix, Severity, Source, Span

if TYPE_CHECKING:
    from lark import Lark

LIMIT = 1 << 20
"""The longest text of a rule file, in bytes."""

DEPTH = 100
"""The deepest nesting of an expression."""

MISTAKES = 250
"""After so many mistakes of syntax the rest of a text is left alone: it is no rule file."""

_NESTING = (tree.Parentheses, tree.Call, tree.Negative, tree.Not, tree.AtClock)
_CHAINING = (tree.Binary, tree.Logic)
_PLAIN = re.compile(r"[a-z][a-z0-9_]*")
_HOLE = re.compile(r"\{([^{}]*)\}|[{}]")


class _Parsing(threading.local):
    """The text that this thread is parsing: texts in quotes need it for the expressions in their braces."""

    text = ""


_parsing = _Parsing()


class Unbuilt(Exception):
    """A mistake that only the builder can see."""

    def __init__(self, mistake: mistakes.Mistake) -> None:
        self.mistake = mistake


@contextmanager
def reading(text: str) -> Iterator[None]:
    """Make a text the one that texts in quotes belong to."""
    before, _parsing.text = _parsing.text, text
    try:
        yield
    finally:
        _parsing.text = before


@cache
def grammar_parser() -> "Lark":
    """Return the parser that builds the tree."""
    return load(Builder(_text))


@cache
def _keeper() -> "Lark":
    """Return a parser that keeps the grammar's own trees, with every word in them."""
    return load(None)


def _text(token: Any) -> tree.Text:
    """Return the text of a string token, with the expressions in its braces parsed in their place."""
    raw, start = str(token), token.start_pos
    pieces: list[str | tree.Expression] = []
    at = 1
    for match in _HOLE.finditer(raw, 1, len(raw) - 1):
        span = Span(start + match.start(), start + match.end())
        if match[1] is None:
            raise Unbuilt(mistakes.brace(span))
        if match.start() > at:
            pieces.append(raw[at : match.start()])
        pieces.append(_hole(Span(start + match.start(1), start + match.end(1))))
        at = match.end()
    if at < len(raw) - 1:
        pieces.append(raw[at:-1])
    return tree.Text(tuple(pieces), Span(start, token.end_pos))


def _hole(span: Span) -> tree.Expression:
    written = _parsing.text[span.start : span.end]
    if _PLAIN.fullmatch(written):  # by far the commonest
        return tree.Name(written, span)
    if not written.strip():
        raise Unbuilt(mistakes.hole(Span(span.start - 1, span.end + 1)))
    expression: tree.Expression = _parse(Piece("", span.start, span.end), "expression")
    return expression


def _parse(piece: Piece, start: str) -> Any:
    return grammar_parser().parse(TextSlice(_parsing.text, piece.start, piece.end), start=start)


def _statement(piece: Piece) -> "tree.Statement | mistakes.Mistake":
    text = _parsing.text
    if not piece.word:
        return mistakes.no_statement(text, piece)
    try:
        statement: tree.Statement = _parse(piece, "statement")
    except Unbuilt as found:
        return found.mistake
    except UnexpectedToken as found:
        return mistakes.unexpected_token(text, piece, found)
    except UnexpectedCharacters as found:
        return mistakes.unexpected_characters(text, piece, found)
    except UnexpectedInput:  # the text ended
        return mistakes.ended(text, piece)
    return _too_deep(statement, piece.end - piece.start) or statement


def parse(source: Source, known: Kept | None = None) -> tuple[tree.File, list[Diagnostic]]:
    """Return the tree of all statements that could be read, and a diagnostic for each mistake of syntax.

    `known`: what was read of an earlier text; statements that it has too become part of this tree, in their new place.
    """
    if len(source.text) > LIMIT or size(source.text) > LIMIT:
        message = f"the text is longer than {LIMIT:,} bytes, which is the most a rule file may have"
        return tree.File(()), [_error(source, mistakes.Mistake("RL110", Span(0, 0), message))]
    odd = list(strangers(source.text))
    found = [_error(source, _stranger(stranger)) for stranger in odd]
    _parsing.text = without(source.text, odd)
    statements: list[tree.Statement] = []
    pieces, comments = cut(_parsing.text)
    results = map(_statement, pieces) if known is None else known.read(_parsing.text, pieces, _statement)
    for piece, result in zip(pieces, results, strict=False):
        if len(found) >= MISTAKES:
            break
        if isinstance(result, mistakes.Mistake):
            if not any(d.span.start >= piece.start and d.span.end <= piece.end for d in found[: len(odd)]):
                found.append(_error(source, result))
        else:
            statements.append(result)
    return tree.File(tuple(statements), comments), found


def kept(text: str) -> tuple[list[Any], tuple[tree.Comment, ...]]:
    """Return the statements of a text without mistakes as the grammar's trees, every word kept, and its comments."""
    pieces, comments = cut(text)
    slices = (TextSlice(text, piece.start, piece.end) for piece in pieces)
    return [_keeper().parse(one, start="statement") for one in slices], comments


def _too_deep(node: Any, length: int) -> mistakes.Mistake | None:
    """Return the mistake of what is nested, or chained, deeper than anyone can read."""
    if length < DEPTH:
        return None
    stack: list[tuple[Any, int, int]] = [(node, 0, 0)]
    while stack:
        node, nested, chained = stack.pop()
        nested += isinstance(node, _NESTING)
        chained += isinstance(node, _CHAINING)
        if max(nested, chained) > DEPTH:
            return mistakes.too_deep(node.span, DEPTH)
        for attribute in node.__attrs_attrs__:
            value = getattr(node, attribute.name)
            inner = value if isinstance(value, tuple) and not isinstance(value, Span) else (value,)
            stack += [(one, nested, chained) for one in inner if isinstance(one, Compared)]
    return None


def size(text: str) -> int:
    """Return the length of a text in bytes."""
    return len(text.encode("utf-8", "surrogatepass"))


def _stranger(stranger: Any) -> mistakes.Mistake:
    first = stranger.text[0]
    span = Span(stranger.start, stranger.end)
    if is_control(first):
        message = f"the control character {described(first)} doesn't belong in a rule file"
        why = "nobody can see it, so nobody could tell what the rule says"
        return mistakes.Mistake("RL101", span, message, why, (Fix("", span, stranger.certain),))
    if stranger.meant:
        message = f"{described(first)} only looks like `{stranger.meant[0]}`"
        why = "names are written in plain letters a to z, so that two names that look alike are the same"
        return mistakes.Mistake("RL101", span, message, why, (Fix(stranger.meant, span, stranger.certain),))
    message = f"{described(first)} doesn't belong outside texts and comments"
    return mistakes.Mistake("RL101", span, message, "names are written in plain letters a to z, digits and `_`")


def _error(source: Source, mistake: mistakes.Mistake) -> Diagnostic:
    return Diagnostic(mistake.code, Severity.ERROR, source, mistake.span, mistake.message, mistake.why, mistake.fixes)


def parse_expression(text: str) -> tree.Expression:
    """Return the tree of one expression; raises `ValueError` where it isn't one."""
    _parsing.text = text
    try:
        expression: tree.Expression = _parse(Piece("", 0, len(text)), "expression")
    except (UnexpectedInput, Unbuilt) as error:
        raise ValueError(f"`{text}` is no expression") from error
    if _too_deep(expression, len(text)) is not None:
        raise ValueError(f"`{text[:20]}…` is nested too deep")
    return expression
