"""How far a function may be from its exact value: what section 8 of the language says, for the window in hand."""

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from rulelang.functions import FUNCTIONS, Setting
from rulelang.kinds import YEAR

Row = tuple[float, ...]
SHARE = 1e-12
"""The part of the largest magnitude by which a result may be off."""
ULP = 2**-52

WHOLE = ("highest", "lowest", "previous", "difference", "change", "count", "periods_since", "rank", "drawdown")
"""Functions that choose among values or count: they have no rounding of their own to differ in."""
SINCE_SEED = ("ema", "wilder", "atr", "rsi")


class Bounds:
    """What is allowed of one function; it is shown every row that the function takes."""

    def __init__(self, function: str, setting: Setting) -> None:
        self.function, self.setting = function, setting
        self.rows: list[Row | None] = []

    def take(self, values: Sequence[float | None]) -> None:
        """Take note of a row; it counts as missing where one of its values is."""
        known = tuple(value for value in values if value is not None)
        self.rows.append(known if len(known) == len(values) else None)
        if self.function not in SINCE_SEED and len(self.rows) > (self.setting.window or 0) + 1:
            del self.rows[0]

    def around(self, theirs: float, trial: Sequence[float | None]) -> float:
        """Return how far from the reference's value another may be; `trial`: a row that counts but is not yet taken."""
        if self.function in WHOLE:
            return 0.0
        more = tuple(value for value in trial if value is not None)
        rows = [row for row in self.rows if row is not None] + ([more] if len(more) == len(trial) else [])
        with_trial = self._window(rows)
        return max([self._of(part, theirs) for part in (with_trial, with_trial[:-1]) if part], default=0.0)

    def _window(self, rows: list[Row]) -> list[Row]:
        return rows if self.function in SINCE_SEED else rows[-(self.setting.window or 1) - 1 :]

    def _of(self, rows: list[Row], theirs: float) -> float:
        columns = list(zip(*rows, strict=True))
        most = [max(map(abs, column)) for column in columns]
        match self.function:
            case "rsi":
                return self._strength(columns[0])
            case "zscore":
                spread = _spread(columns[0])
                return SHARE * (2 + abs(theirs)) * (most[0] / spread) if spread else 0.0
            case "correlation" | "beta":
                return self._of_two(columns, most, theirs)
            case "volatility":
                return self._of_returns(columns[0])
            case "sum" if self.setting.kinds[0].name == "rate":
                return SHARE * most[0] * (self.setting.clock or 0) / self.setting.kinds[0].unit
            case "sum":
                return SHARE * most[0] * len(rows)
            case _:
                return SHARE * max(most)

    def _strength(self, column: Row) -> float:
        """Return what errors of the averages of gains and losses mean for their ratio."""
        steps = [abs(now - before) for before, now in pairwise(column)]
        steps = [step for step in steps if 0 < step < math.inf]
        return 100 * 3 * SHARE * max(steps, default=0.0) / min(steps, default=1.0)

    def _of_two(self, columns: list[Row], most: list[float], theirs: float) -> float:
        x, y = _spread(columns[0]), _spread(columns[1])
        if self.function == "beta":
            return SHARE * (most[0] / y + most[1] / y * (x / y + 2 * abs(theirs))) if y else 0.0
        return SHARE * (1 + abs(theirs)) * (most[0] / x + most[1] / y) if x and y else 0.0

    def _of_returns(self, column: Row) -> float:
        pairs = pairwise(column)
        returns = [abs(math.log(now) - math.log(before)) for before, now in pairs if now > 0 and before > 0]
        factor = math.sqrt(YEAR / self.setting.clock) if self.setting.clock else 0.0
        return factor * (SHARE * max(returns, default=0.0) + 4 * ULP)


def _spread(column: Row) -> float:
    """Return the population deviation of some values, exactly but for its last bits, however large they are."""
    exact = list(map(Fraction, column))
    most = max(map(abs, exact)) or Fraction(1)
    middle = sum(exact) / len(exact)
    variance = sum((one - middle) ** 2 for one in exact) / len(exact)
    return math.sqrt(variance / most**2) * float(most)


def has_history(function: str) -> bool:
    """Say whether a function keeps a window or a recursion, whose value may be rounded another way."""
    return FUNCTIONS[function].start is not None
