"""Functions: one table of records, one for each function of the language (section 8)."""

from rulelang.functions.record import EVERYTHING, Function, Parameter, Role, Rolling, Setting, Span, Value
from rulelang.functions.table import FAMILIES, FUNCTIONS

__all__ = [
    "EVERYTHING",
    "FAMILIES",
    "FUNCTIONS",
    "Function",
    "Parameter",
    "Role",
    "Rolling",
    "Setting",
    "Span",
    "Value",
]
