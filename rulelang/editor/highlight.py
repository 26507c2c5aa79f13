"""The Pygments lexer: colours rule files in documentation and terminals, as editors do."""

from collections.abc import Iterator

from pygments.lexer import Lexer
from pygments.token import _TokenType, string_to_tokentype

from rulelang.editor.colours import Colour, coloured


class RulesLexer(Lexer):  # type: ignore[misc]  # Pygments has no types
    """Colours a rule file by the table that the editors' grammar is made of."""

    name = "rulelang"
    aliases = ("rulelang", "rules")
    filenames = ("*.rules",)
    mimetypes = ("text/x-rulelang",)

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, _TokenType, str]]:
        """Yield the stretches of a text with their tokens."""
        for start, stretch, colour in coloured(text):
            yield start, _token(colour), stretch


def _token(colour: Colour | None) -> _TokenType:
    return string_to_tokentype("Text.Whitespace" if colour is None else colour.token)
