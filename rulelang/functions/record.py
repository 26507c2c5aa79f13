"""The record of a function: what the checker, both evaluators, the editor and the reference page read about it."""

import math
from collections.abc import Callable
from enum import Enum
from typing import Any, Protocol

from attrs import frozen

from rulelang.kinds import Clash, Kind

Value = float | str | None
"""A value of the language; `None` is missing."""

Span = tuple[float, float]
"""The lowest and the highest value that something can have, both included."""

EVERYTHING: Span = (-math.inf, math.inf)


class Role(Enum):
    """What a function does with an argument."""

    SERIES = "series"
    """An expression that is observed at every period."""
    CONDITION = "condition"
    """A truth value: `True`, `False`, or `None` for unknown; observed at every period by functions with a state."""
    WINDOW = "window"
    """A count of periods, or a duration that is a multiple of the clock."""
    NUMBER = "number"
    """A number that is known before the first bar."""
    VALUE = "value"
    """An expression of which only the present value counts."""


@frozen
class Parameter:
    """One argument: its name, its role, what it is; `within`: the only values that a `NUMBER` may have."""

    name: str
    role: Role
    help: str
    within: Span = EVERYTHING


@frozen
class Setting:
    """Everything that a computation is built from.

    `window`: periods of the clock. `clock`: seconds between two observations, `None` when not known. `kinds`: of the
    arguments that are neither window nor constant number. `numbers`: the constant ones. `spans`: the ranges that the
    caller can promise for the arguments in `kinds`; those beyond its end can be anything.
    """

    window: int | None = None
    clock: int | None = None
    kinds: tuple[Kind, ...] = ()
    numbers: tuple[float, ...] = ()
    spans: tuple[Span, ...] = ()

    def span(self, index: int) -> Span:
        """Return the range of an argument."""
        return self.spans[index] if index < len(self.spans) else EVERYTHING


class Rolling(Protocol):
    """The state of one window or recursive function: a step costs the same however long the history."""

    @property
    def push(self) -> Callable[..., float | None]:
        """Takes the newest observation, `None` where it is missing, and gives the function's value with it."""

    def save(self) -> list[Any]:
        """Return the state as numbers, `None` and lists, from which `load` makes the same bits."""

    def load(self, saved: list[Any]) -> None:
        """Go on from a saved state. Raises `ValueError`, and changes nothing, when its shape is another one."""


Result = Callable[[tuple[Kind, ...]], Kind | Clash]


@frozen(kw_only=True)
class Function:
    """One function of the language.

    `result`: from the kinds of the arguments that are neither window nor constant number. `help`: one sentence.
    `example`: a condition that runs. `source`: where the formula is from. `cost`: of a step. `gaps`: what it does with
    missing values, where that isn't the rule: half of a window has to be known, and every present value.

    `phrase`: how English says a call. Parameters stand in braces; `{window}` is the series over its window ("the last
    20 daily closes"), `{last}` "the last 20 bars", `{n}` "20 bars", `{periods}` "bars", `{all}` every argument; what is
    in brackets falls away with an optional one.

    `optional`: so many of the last parameters may be left out. `variadic`: the last parameter may be repeated. `reads`:
    market fields that it reads unasked; they are pushed before the arguments. `start` makes the state of a function
    with a history, `plain` the computation of one without; one of them is there. `needs_clock` says for which kinds it
    is missing for ever where the clock is not known.

    `warm_up`: observations until the first value, for a window. `state_bytes`: for a window, at 8 bytes a number.
    `span`: the range that the result never leaves; none where it can be anything. `never`: `"below"` when the result is
    never below the present value of its series, `"above"` when never above.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: Result
    help: str
    phrase: str
    example: str
    source: str
    cost: str
    gaps: str = ""
    optional: int = 0
    variadic: bool = False
    reads: tuple[str, ...] = ()
    start: Callable[[Setting], Rolling] | None = None
    plain: Callable[[Setting], Callable[..., float | None]] | None = None
    needs_clock: Callable[[tuple[Kind, ...]], bool] = lambda kinds: False
    warm_up: Callable[[int], int] = lambda n: 1
    state_bytes: Callable[[int], int] = lambda n: 0
    span: Callable[[Setting], Span] | None = None
    never: str = ""
