"""From text to tree and back: parsing, the tree's nodes, and printing."""

from rulelang.syntax.keeping import Kept
from rulelang.syntax.parser import LIMIT, parse, parse_expression, readable, size
from rulelang.syntax.printer import printed

__all__ = ["LIMIT", "Kept", "parse", "parse_expression", "printed", "readable", "size"]
