"""What the grammar takes next behind the beginning of a statement, and what stands open in it."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from attrs import frozen
from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.lexer import PatternStr

from rulelang.syntax import parser

_STANDING_IN = (("NAME", "x_"), ("NUMBER", "1"), ("RPAR", ")"), ("PERIODS", "periods"), ("DURATION", "1d"))
"""What is read in the place of something missing, where what follows then fits."""

_ODD = 50
"""After so many signs that are none of the language the rest of a text is left alone."""


@frozen(eq=False)
class Beginning:
    """The beginning of a statement.

    `open`: what isn't joined yet, nodes of the tree and words (strings), the innermost last. `accepts`: the terminals
    of the grammar that may follow; `$END`: the statement may end here.
    """

    open: tuple[Any, ...]
    accepts: frozenset[str]
    _state: Any

    def takes(self, text: str) -> bool:
        """Say whether a text may follow, its last word being whole."""
        state = self._state.copy(deepcopy_values=False)
        try:
            for token in _tokens(text):
                state.feed_token(token)
        except (UnexpectedInput, parser.Unbuilt):
            return False
        return True

    def operand(self) -> Any:
        """Return the value or condition that the text ends with, whole; `None` where it ends with none."""
        for name, value in (("COMPARATOR", ">"), ("AND", "and")):
            state = self._state.copy(deepcopy_values=False)
            try:
                state.feed_token(Token(name, value, 0, end_pos=0))
            except (UnexpectedToken, parser.Unbuilt):
                continue
            return state.parser_state.value_stack[-2]
        return None

    def terminal(self, at: int) -> str:
        """Return the terminal of a word that stands open, counted from the end; empty for a node."""
        return getattr(self.open[at], "type", "") if -len(self.open) <= at < 0 else ""


@cache
def spelt() -> dict[str, str]:
    """Return the words and signs of the language by the names of their terminals."""
    patterns = ((terminal.name, terminal.pattern) for terminal in parser.grammar_parser().terminals)
    return {name: pattern.value for name, pattern in patterns if isinstance(pattern, PatternStr)}


def beginning(text: str, start: str = "statement") -> Beginning:
    """Return what may follow a text that begins a statement (or an expression); mistakes in it are passed over."""
    state: Any = parser.grammar_parser().parse_interactive("", start=start)
    with parser.reading(text):
        for token in _tokens(text):
            state = _fed(state, token)
    return Beginning(tuple(state.parser_state.value_stack), frozenset(state.accepts()), state)


def _tokens(text: str) -> list[Token]:
    """Return the words of a text without what is no word."""
    for _ in range(_ODD):
        try:
            state = parser.grammar_parser().parse_interactive(text, start="statement")
            return list(state.lexer_thread.lex(state.parser_state))  # type: ignore[no-untyped-call]
        except UnexpectedCharacters as found:
            at: int = found.pos_in_stream  # type: ignore[assignment]
            end = text.find("\n", at) if text[at] == '"' else at + 1
            end = len(text) if end < 0 else end
            text = text[:at] + " " * (end - at) + text[end:]
    return []


def _fed(state: Any, token: Token) -> Any:
    """Return the state behind a word, with something in the place of what is missing before it, or without the word."""
    for before in _attempts():
        trial = state.copy(deepcopy_values=False)
        try:
            for name, value in before:
                trial.feed_token(Token(name, value, token.start_pos, end_pos=token.start_pos))
            trial.feed_token(token)
        except (UnexpectedToken, parser.Unbuilt):
            continue
        return trial
    return state


def _attempts() -> Iterator[tuple[tuple[str, str], ...]]:
    yield ()
    for one in _STANDING_IN:
        yield (one,)
