"""From text to tree and back: parsing, the tree's nodes, and printing."""

from rulelang.syntax.parser import parse, parse_expression
from rulelang.syntax.printer import printed

__all__ = ["parse", "parse_expression", "printed"]
