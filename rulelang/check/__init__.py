"""Checking rule files: names, kinds, clocks, momentary conditions and money; what passes is `CheckedRules`."""

from rulelang.check.checker import CheckedRules, Checking, check
from rulelang.check.declarations import Outside, Override
from rulelang.check.summary import Summary, summary
from rulelang.check.uses import Reader

__all__ = ["CheckedRules", "Checking", "Outside", "Override", "Reader", "Summary", "check", "summary"]
