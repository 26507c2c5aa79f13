"""Comments and ends of lines as other languages have them: found before anything is read, and read as blanks."""

import re
from collections.abc import Iterator

from attrs import frozen

from rulelang.text import Fix, Span

_LINE = r"(?:(?<![\w)])(?<![\w)] )|(?![/ \t]*\d[\d.]*[ \t]*(?:[<>=+*)]|then\b|crosses\b)))//"
"""`//`, but not between what Python divides, as in `close // 2 > 5`."""
_ANY = re.compile(
    r'(?P<ours>"[^"\n]*"|#[^\n]*)|(?P<line>' + _LINE + r"[^\n]*)|(?P<block>/\*(?s:.*?)(?:\*/|\Z))"
    r"|(?m:^[ \t]*(?P<semicolon>;[^\n]*))|[ \t]*(?P<end>;+)"
)
_SIGNS = ("//", "/*", ";")


@frozen
class Remark:
    """A comment, or the end of a line, in another language: where its sign stands, all that is no rule, its repair."""

    sign: Span
    whole: Span
    fix: Fix


def remarks(text: str) -> Iterator[Remark]:
    """Yield what other languages take for a comment or the end of a line; texts and comments of ours hold none."""
    if not any(sign in text for sign in _SIGNS):
        return
    for match in _ANY.finditer(text):
        kind = match.lastgroup
        if kind is None or kind == "ours":
            continue
        start, end = match.span(kind)
        sign = Span(start, start + 2 if kind in ("line", "block") else end if kind == "end" else start + 1)
        yield Remark(sign, Span(start, end), _fix(text, kind, sign, match))


def _fix(text: str, kind: str, sign: Span, match: re.Match[str]) -> Fix:
    if kind == "end":
        return Fix("", Span(*match.span()), certain=True)
    if kind != "block":
        return Fix("#", sign, certain=True)
    lines = (line.strip(" \t*") for line in match[kind].removeprefix("/*").removesuffix("*/").splitlines())
    more = text[match.end() :].partition("\n")[0].strip()
    said = "\n".join(f"# {line}" for line in lines if line) or "#"
    return Fix(said + "\n" * bool(more), Span(*match.span(kind)), certain=True)


def blanked(text: str, found: list[Remark]) -> str:
    """Return a text, as long as before, with blanks where remarks stand."""
    pieces, at = [], 0
    for remark in found:
        whole = text[remark.whole.start : remark.whole.end]
        pieces += [text[at : remark.whole.start], re.sub(r"[^\n]", " ", whole)]
        at = remark.whole.end
    return "".join(pieces) + text[at:]
