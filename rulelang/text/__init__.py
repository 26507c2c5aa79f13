"""Source, spans and diagnostics: where every message to the author of a rule file comes from."""

from rulelang.text.diagnostic import Diagnostic, Fix, RuleError, Severity
from rulelang.text.shown import Compared, Shown
from rulelang.text.source import TOP, Position, Source, Span, normalised

__all__ = [
    "TOP",
    "Compared",
    "Diagnostic",
    "Fix",
    "Position",
    "RuleError",
    "Severity",
    "Shown",
    "Source",
    "Span",
    "normalised",
]
