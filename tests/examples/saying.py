"""What the examples ask of diagnostics."""

import rulelang
from rulelang import Diagnostic, Severity


def errors(text: str | bytes, **options: object) -> list[Diagnostic]:
    """Return the errors about a text."""
    return [one for one in rulelang.check(text, **options) if one.severity is Severity.ERROR]  # type: ignore[arg-type]


def warnings(text: str) -> list[Diagnostic]:
    """Return the warnings about a text that has no errors."""
    found = rulelang.check(text)
    assert [str(one) for one in found if one.severity is Severity.ERROR] == []
    return found


def codes(found: list[Diagnostic]) -> list[str]:
    """Return the codes of diagnostics."""
    return [one.code for one in found]
