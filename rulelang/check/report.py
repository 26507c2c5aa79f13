"""Collecting diagnostics while a file is checked: one mistake, one message."""

from typing import Any

from rulelang.text import Diagnostic, Fix, Severity, Source, Span


class Report:
    """The diagnostics found so far; `source` is the file that spans are about at the moment.

    `heard`: those of the work in hand, each with what it is told once for, or `None`; `told`: for what one was told.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.sources = [source]
        self.heard: list[Any] = []
        self.told: set[object] = set()
        self._found: dict[tuple[str, Source, int], Diagnostic] = {}

    def error(self, code: str, span: Span, message: str, why: str = "", *fixes: Fix) -> None:
        """Note an error; a second one of the same code at the same place is the same mistake."""
        self._note(Diagnostic(code, Severity.ERROR, self.source, span, message, why, fixes))

    def warn(self, code: str, span: Span, message: str, why: str = "", *fixes: Fix) -> None:
        """Note a warning."""
        self._note(Diagnostic(code, Severity.WARNING, self.source, span, message, why, fixes))

    def once(
        self, about: object, severity: Severity, code: str, span: Span, message: str, why: str, *fixes: Fix
    ) -> None:
        """Note a diagnostic if it is the first about something."""
        self._note(Diagnostic(code, severity, self.source, span, message, why, fixes), about)

    def add(self, diagnostics: list[Diagnostic]) -> None:
        """Note diagnostics found elsewhere."""
        for diagnostic in diagnostics:
            self._note(diagnostic)

    def again(self, diagnostic: Diagnostic, about: object) -> None:
        """Note what was heard before of a statement."""
        self._note(diagnostic, about)

    def _note(self, diagnostic: Diagnostic, about: object = None) -> None:
        self.heard.append((diagnostic, about))
        if about is not None:
            if about in self.told:
                return
            self.told.add(about)
        key = (diagnostic.code, diagnostic.source, diagnostic.span.start)
        self._found.setdefault(key, diagnostic)

    @property
    def failed(self) -> bool:
        """Whether there is an error among them."""
        return any(d.severity is Severity.ERROR for d in self._found.values())

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return them in the order of the text; those of used files behind those of the file that uses them."""
        order = {id(source): at for at, source in enumerate(self.sources)}
        return tuple(
            sorted(self._found.values(), key=lambda d: (order.get(id(d.source), 0), d.span.start, d.severity.value))
        )
