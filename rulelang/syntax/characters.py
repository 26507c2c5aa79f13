"""The characters of a rule file: which don't belong in it, and which only look as if they did."""

import re
import unicodedata
from collections.abc import Iterator

from attrs import frozen

_CYRILLIC = dict(zip("асеорхуіјѕԁһӏԛԝАВСЕНІЈКМОРЅТХУ", "aceopxyijsdhlqwABCEHIJKMOPSTXY", strict=True))
_GREEK = dict(zip("ονρυχκιταΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ovpuxkitaABEZHIKMNOPTYX", strict=True))
_QUOTES = dict.fromkeys("“”„«»‘’‚", '"')
_SIGNS = _QUOTES | {"–": "-", "—": "-", "−": "-", "×": "*", "÷": "/", "·": "*"}
_PAIRS = {"≥": ">=", "≤": "<="}
_LOOKALIKES = _CYRILLIC | _GREEK | _SIGNS | _PAIRS
_SEVERAL_MEANINGS = "–—·‘’‚"
"""A dash may be a minus or a range (`50%–70%`), a dot a product or a decimal point, a quote an apostrophe."""

_UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Characters without width: nobody put them there on purpose. (Those that turn the direction of text move digits.)"""

_SAME_LETTER = ("<wide>", "<narrow>", "<noBreak>", "<font>")

_STRANGE = re.compile(r"[^\x20-\x7e\t\n]")
_QUOTED = re.compile(r'"[^"\n]*"|#[^\n]*')


@frozen
class Stranger:
    """A run of characters that don't belong where they are; `meant` is what they look like, or empty.

    `certain` says that they can't stand for anything else (a superscript looks like a digit, and is none).
    """

    start: int
    end: int
    text: str
    meant: str
    certain: bool


def _certain(character: str) -> bool:
    if character in _LOOKALIKES:
        return character not in _SEVERAL_MEANINGS
    if character in _UNSEEN or _meant(character) == " ":
        return True
    return unicodedata.decomposition(character).startswith(_SAME_LETTER)


def _meant(character: str) -> str:
    if character in _LOOKALIKES:
        return _LOOKALIKES[character]
    plain = unicodedata.normalize("NFKC", character)
    return plain if plain.isascii() and plain.isprintable() else ""


def is_control(character: str) -> bool:
    """Say whether a character is a control or format character (which nobody sees)."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def strangers(text: str) -> Iterator[Stranger]:
    """Yield what doesn't belong: control characters anywhere, other letters outside texts and comments."""
    if text.isascii() and not re.search(r"[^\x20-\x7e\t\n]", text):
        return
    inside = [match.span() for match in _QUOTED.finditer(text)]
    at = 0
    start = end = -1  # the run of strangers in hand
    for match in _STRANGE.finditer(text):
        here = match.start()
        while at < len(inside) and inside[at][1] <= here:
            at += 1
        quoted = at < len(inside) and inside[at][0] <= here
        if quoted and not is_control(match[0]):
            continue
        if here != end:
            if end >= 0:
                yield _stranger(text, start, end)
            start = here
        end = here + 1
    if end >= 0:
        yield _stranger(text, start, end)


def _stranger(text: str, start: int, end: int) -> Stranger:
    meant = [_meant(character) for character in text[start:end]]
    certain = all(map(_certain, text[start:end]))
    return Stranger(start, end, text[start:end], "".join(meant) if all(meant) else "", certain)


def without(text: str, found: list[Stranger]) -> str:
    """Return the text, as long as before, with what was meant (or blanks) in place of what doesn't belong."""
    pieces, at = [], 0
    for stranger in found:
        length = stranger.end - stranger.start
        pieces += [text[at : stranger.start], stranger.meant[:length].ljust(length)]
        at = stranger.end
    return "".join(pieces) + text[at:]


def described(character: str) -> str:
    """Return a character's code and name: `U+043E (CYRILLIC SMALL LETTER O)`."""
    code, name = f"U+{ord(character):04X}", unicodedata.name(character, "")
    return f"{code} ({name})" if name else code
