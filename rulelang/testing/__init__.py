"""Running the `test` blocks of rule files, and what they cover (clause 9)."""

from rulelang.testing.coverage import Coverage, Point
from rulelang.testing.difference import Failure, Row
from rulelang.testing.trial import Result, run_test

__all__ = ["Coverage", "Failure", "Point", "Result", "Row", "run_test"]
