"""Diagnostics: what a user is told about a mistake, as values."""

from enum import Enum

from attrs import field, frozen

from rulelang.text.source import Position, Source, Span


class Severity(Enum):
    """How bad it is: an error keeps the rules from running, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@frozen
class Fix:
    """A repair: the text to put in place of a span (an empty span inserts).

    `certain` says that applying it unseen is safe: the meaning is what the author must have meant.
    """

    text: str
    span: Span
    certain: bool = False


@frozen
class Diagnostic:
    """One mistake: where it is, what was found and wanted, why that was wanted, and the repairs.

    `message` says what was found and what was wanted, in the user's words; `why` says why it was wanted, or is empty.
    """

    code: str
    severity: Severity
    source: Source = field(repr=False)
    span: Span
    message: str
    why: str = ""
    fixes: tuple[Fix, ...] = ()

    @property
    def position(self) -> Position:
        """Line and column of the first character it points at, from 1."""
        return self.source.position(self.span.start)

    @property
    def end(self) -> Position:
        """Line and column just behind the last character it points at, from 1."""
        return self.source.position(self.span.end)

    def __str__(self) -> str:
        line, column = self.position
        return f"{self.source.name}:{line}:{column}: {self.severity.value}[{self.code}]: {self.message}"


class RuleError(Exception):
    """Raised where rules with errors were to be used; carries every diagnostic of the text."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.diagnostics = diagnostics
        errors = [d for d in diagnostics if d.severity is Severity.ERROR]
        super().__init__("\n".join(map(str, errors)))
