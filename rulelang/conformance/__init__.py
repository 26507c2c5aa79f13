"""The conformance kit: cases of the language as data, and what compares another program's answers with them."""

from rulelang.conformance.cases import FORMAT, Case, Kit, kit, read
from rulelang.conformance.comparing import differences
from rulelang.conformance.expecting import decided, refused

__all__ = ["FORMAT", "Case", "Kit", "decided", "differences", "kit", "read", "refused"]
