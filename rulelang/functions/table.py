"""The table of functions: every function of the language, in the order of its reference page."""

from collections.abc import Callable

from rulelang.functions import order, pairs, past, reach, signature, start, volume
from rulelang.functions.averages import Deviation, Mean, WeightedMean, ZScore
from rulelang.functions.present import CARRY, CONSTANT, PLAIN
from rulelang.functions.record import Function, Parameter, Role
from rulelang.functions.recursive import Strength, TrueRange
from rulelang.kinds import NUMBER, PRICE, RATIO, SCORE

X = Parameter("x", Role.SERIES, "the series: a field or any other expression")
Y = Parameter("y", Role.SERIES, "the series to set it against")
N = Parameter("n", Role.WINDOW, "how many periods, the present one included: `20`, or a duration such as `30d`")
AGO = Parameter("n", Role.WINDOW, "how many periods ago: `24`, or a duration such as `24h`")
P = Parameter("p", Role.NUMBER, "percent, from 0 to 100", within=(0.0, 100.0))
HELD = Parameter("condition", Role.CONDITION, "what is true or false in each period")

AMORTISED = "O(1) a bar on average"
SORTED = "O(log n) a bar, and a move of up to n numbers in memory"
ROWS = "O(24) a bar, O(n) when the highest high or the lowest low changes"

PASSES = "passes over missing values and keeps its state; missing after n periods without a value"
AND_NOW = "missing while less than half of the window is known, or the present value is not"
THEN = "missing where the value n periods ago was"
BOTH_ENDS = "missing where the value now or the one n periods ago is"
UNKNOWN_PASSES = "passes over periods in which the condition is unknown"

BARS = ("high", "low", "close")


def whole(n: int) -> int:
    """Return the warm-up of a function that needs its window."""
    return n


def one_more(n: int) -> int:
    """Return the warm-up of a function that needs a value from before its window."""
    return n + 1


def two_at_least(n: int) -> int:
    """Return the warm-up of a function that has nothing to say about a single value."""
    return max(n, 2)


def doubles(fixed: int, each: int = 0) -> Callable[[int], int]:
    """Return the bytes of so many numbers, and `each` more for every position of the window."""
    return lambda n: 8 * (fixed + each * n)


_AVERAGES = (
    Function(
        name="sma",
        parameters=(X, N),
        result=signature.keeps("sma"),
        help="plain average of the known values",
        phrase="the average of {window}",
        example="close > sma(close, 200)",
        source="sum of the known values / their number; TA-Lib SMA",
        cost=CONSTANT,
        start=start.over_window(Mean),
        warm_up=whole,
        state_bytes=doubles(9, 3),
        span=reach.kept,
    ),
    Function(
        name="ema",
        parameters=(X, N),
        result=signature.keeps("ema"),
        help="exponential average: every new value weighs 2 / (n + 1)",
        phrase="the exponential average of {x} over {n}",
        gaps=PASSES,
        example="ema(close, 12) crosses above ema(close, 26)",
        source="e + 2 / (n + 1) × (x − e), seeded with the plain average of the first n values; TA-Lib EMA",
        cost=CONSTANT,
        start=start.exponential,
        warm_up=whole,
        state_bytes=doubles(8),
        span=reach.kept,
    ),
    Function(
        name="wma",
        parameters=(X, N),
        result=signature.keeps("wma"),
        help="average with weights from 1 for the oldest value to n for the newest",
        phrase="the weighted average of {window}",
        example="close > wma(close, 50)",
        source="sum of weight × value / sum of the weights of the known values; TA-Lib WMA",
        cost=CONSTANT,
        start=start.over_window(WeightedMean),
        warm_up=whole,
        state_bytes=doubles(9, 5),
        span=reach.kept,
    ),
    Function(
        name="wilder",
        parameters=(X, N),
        result=signature.keeps("wilder"),
        help="Wilder's average: every new value weighs 1 / n",
        phrase="Wilder's average of {x} over {n}",
        gaps=PASSES,
        example="close > wilder(close, 14)",
        source="w + (x − w) / n, seeded with the plain average of the first n values; Wilder 1978",
        cost=CONSTANT,
        start=start.wilder,
        warm_up=whole,
        state_bytes=doubles(8),
        span=reach.kept,
    ),
)

_SPREADS = (
    Function(
        name="stdev",
        parameters=(X, N),
        result=signature.keeps("stdev"),
        help="standard deviation of the window, of the population",
        phrase="the standard deviation of {window}",
        example="stdev(close, 24) / sma(close, 24) < 1%",
        source="√(mean of squares − square of the mean); TA-Lib STDDEV, numpy.std",
        cost=CONSTANT,
        start=start.over_window(Deviation),
        warm_up=whole,
        state_bytes=doubles(12, 3),
        span=reach.not_negative,
    ),
    Function(
        name="zscore",
        parameters=(X, N),
        result=signature.measures("zscore", NUMBER),
        help="how many standard deviations the value lies above its average",
        phrase="the z-score of {x} over {last}",
        gaps=AND_NOW,
        example="zscore(close, 48) < -2",
        source="(x − sma) / stdev; missing in a flat window",
        cost=CONSTANT,
        start=start.over_window(ZScore),
        warm_up=two_at_least,
        state_bytes=doubles(12, 3),
        span=reach.zscore,
    ),
    Function(
        name="atr",
        parameters=(N,),
        result=signature.gives(PRICE),
        help="average true range: how far a bar usually moves, gaps included",
        phrase="the average true range over {n}",
        gaps=PASSES,
        example="high - low > 3 * atr(14)",
        source="Wilder's average of max(high − low, |high − close before|, |low − close before|); TA-Lib ATR",
        cost=CONSTANT,
        reads=BARS,
        start=start.over_window(TrueRange),
        warm_up=one_more,
        state_bytes=doubles(8),
        span=reach.not_negative,
    ),
    Function(
        name="rsi",
        parameters=(X, N),
        result=signature.measures("rsi", SCORE),
        help="relative strength index, 0 to 100: rises as a part of all moves",
        phrase="the RSI of {x} over {n}",
        gaps=PASSES,
        example="rsi(close, 14) > 70",
        source="100 × up / (up + down), Wilder's averages of rises and falls; missing until the first move; TA-Lib RSI",
        cost=CONSTANT,
        start=start.over_window(Strength),
        warm_up=one_more,
        state_bytes=doubles(17),
        span=reach.always(0.0, 100.0),
    ),
)

_ORDER = (
    Function(
        name="highest",
        parameters=(X, N),
        result=signature.keeps_times("highest"),
        help="highest value of the window, the present one included",
        phrase="the highest of {window}",
        example="close >= highest(close, 480)",
        source="numpy.max of the known values",
        cost=AMORTISED,
        start=start.over_window(order.Highest),
        warm_up=whole,
        state_bytes=doubles(4, 2),
        span=reach.kept,
        never="below",
    ),
    Function(
        name="lowest",
        parameters=(X, N),
        result=signature.keeps_times("lowest"),
        help="lowest value of the window, the present one included",
        phrase="the lowest of {window}",
        example="close <= lowest(close, 480)",
        source="numpy.min of the known values",
        cost=AMORTISED,
        start=start.over_window(order.Lowest),
        warm_up=whole,
        state_bytes=doubles(4, 2),
        span=reach.kept,
        never="above",
    ),
    Function(
        name="median",
        parameters=(X, N),
        result=signature.keeps("median"),
        help="middle value of the window",
        phrase="the median of {window}",
        example="volume > 3 * median(volume, 168)",
        source="numpy.median of the known values",
        cost=SORTED,
        start=start.over_window(order.Median),
        warm_up=whole,
        state_bytes=doubles(4, 2),
        span=reach.kept,
    ),
    Function(
        name="percentile",
        parameters=(X, P, N),
        result=signature.keeps("percentile"),
        help="value below which p percent of the window lie",
        phrase="percentile {p} of {window}",
        example="close < percentile(close, 10, 720)",
        source="numpy.percentile of the known values, linear interpolation",
        cost=SORTED,
        start=start.percentile,
        warm_up=whole,
        state_bytes=doubles(4, 2),
        span=reach.kept,
    ),
    Function(
        name="rank",
        parameters=(X, N),
        result=signature.measures("rank", RATIO),
        help="share of the window's other values that lie below the present one, ties half",
        phrase="the percentile rank of {x} within {last}",
        gaps=AND_NOW,
        example="rank(iv, 720) > 90%",
        source="(values below + equal others / 2) / (known values − 1)",
        cost=SORTED,
        start=start.over_window(order.Rank),
        warm_up=two_at_least,
        state_bytes=doubles(4, 2),
        span=reach.always(0.0, 1.0),
    ),
)

_PAST = (
    Function(
        name="previous",
        parameters=(X, AGO),
        result=signature.keeps_times("previous"),
        help="value n periods ago",
        phrase="{x} {n} ago",
        gaps=THEN,
        example="close > previous(high, 1)",
        source="x, n periods ago",
        cost=CONSTANT,
        start=start.over_window(past.Previous),
        warm_up=one_more,
        state_bytes=doubles(4, 1),
        span=reach.kept,
    ),
    Function(
        name="change",
        parameters=(X, AGO),
        result=signature.measures("change", RATIO),
        help="relative change over n periods; missing unless the value then was positive",
        phrase="the relative change in {x} over {last}",
        gaps=BOTH_ENDS,
        example="change(close, 24) < -5%",
        source="(x − previous) / previous",
        cost=CONSTANT,
        start=start.over_window(past.Change),
        warm_up=one_more,
        state_bytes=doubles(4, 1),
        span=reach.change,
    ),
    Function(
        name="difference",
        parameters=(X, AGO),
        result=signature.difference,
        help="difference to the value n periods ago",
        phrase="the difference between {x} now and {n} ago",
        gaps=BOTH_ENDS,
        example="difference(close, 24) < -2_000 USD",
        source="x − previous",
        cost=CONSTANT,
        start=start.over_window(past.Difference),
        warm_up=one_more,
        state_bytes=doubles(4, 1),
    ),
    Function(
        name="drawdown",
        parameters=(X, N),
        result=signature.measures("drawdown", RATIO),
        help="how far the value lies below the highest of the window, as a positive ratio",
        phrase="the drawdown of {x} from its highest value of {last}",
        gaps=AND_NOW,
        example="drawdown(close, 720) > 15%",
        source="(highest − x) / highest; missing unless the highest is positive",
        cost=AMORTISED,
        start=start.over_window(order.Drawdown),
        warm_up=whole,
        state_bytes=doubles(4, 2),
        span=reach.drawdown,
    ),
    Function(
        name="sum",
        parameters=(X, N),
        result=signature.total,
        help="sum of the known values; of a rate, what accrued: positive funding is what a short received",
        phrase="the sum of {window}",
        example="sum(funding_8h, 21) > 1%",
        source="Σ x; of a rate Σ x × clock / its period",
        cost=CONSTANT,
        start=start.total,
        needs_clock=signature.is_rate,
        warm_up=whole,
        state_bytes=doubles(9, 3),
        span=reach.total,
    ),
    Function(
        name="count",
        parameters=(HELD, N),
        result=signature.counts("count"),
        help="number of periods in which the condition was true",
        phrase="the number of {last} in which {condition}",
        example="count(close > open, 24) >= 18",
        source="number of true observations",
        cost=CONSTANT,
        start=start.over_window(order.Count),
        warm_up=whole,
        state_bytes=doubles(4, 1),
        span=reach.count,
    ),
    Function(
        name="periods_since",
        parameters=(HELD,),
        result=signature.counts("periods_since"),
        help="periods since the condition was last true: 0 now, missing until the first time",
        phrase="the number of {periods} since it was last true that {condition}",
        gaps=UNKNOWN_PASSES,
        example="periods_since(close < open) >= 5",
        source="periods after the last true observation; unknown ones pass",
        cost=CONSTANT,
        start=start.since,
        state_bytes=doubles(1),
        span=reach.not_negative,
    ),
)

_VOLUME = (
    Function(
        name="vwap",
        parameters=(N,),
        result=signature.gives(PRICE),
        help="average price of the window, weighted by volume",
        phrase="the volume-weighted average price of {last}",
        example="close < vwap(168)",
        source="Σ (high + low + close) / 3 × volume / Σ volume",
        cost=CONSTANT,
        reads=(*BARS, "volume"),
        start=start.over_window(volume.AveragePrice),
        warm_up=whole,
        state_bytes=doubles(9, 8),
    ),
    Function(
        name="point_of_control",
        parameters=(N,),
        result=signature.gives(PRICE),
        help="price at which most volume was traded: the middle of the fullest of 24 rows",
        phrase="the price at which most volume was traded in {last}",
        example="close crosses below point_of_control(720)",
        source="24 equal rows, each bar's volume spread evenly over its range",
        cost=ROWS,
        reads=("high", "low", "volume"),
        start=start.over_window(volume.PointOfControl),
        warm_up=whole,
        state_bytes=doubles(108, 3),
    ),
    Function(
        name="value_area_high",
        parameters=(N,),
        result=signature.gives(PRICE),
        help="upper end of the prices that hold 70% of the volume",
        phrase="the upper end of the prices that hold 70% of the volume of {last}",
        example="close > value_area_high(720)",
        source="24 equal rows, each bar's volume spread evenly over its range; grown to the fuller neighbour",
        cost=ROWS,
        reads=("high", "low", "volume"),
        start=start.over_window(volume.ValueAreaHigh),
        warm_up=whole,
        state_bytes=doubles(108, 3),
    ),
    Function(
        name="value_area_low",
        parameters=(N,),
        result=signature.gives(PRICE),
        help="lower end of the prices that hold 70% of the volume",
        phrase="the lower end of the prices that hold 70% of the volume of {last}",
        example="close < value_area_low(720)",
        source="24 equal rows, each bar's volume spread evenly over its range; grown to the fuller neighbour",
        cost=ROWS,
        reads=("high", "low", "volume"),
        start=start.over_window(volume.ValueAreaLow),
        warm_up=whole,
        state_bytes=doubles(108, 3),
    ),
)

_RETURNS = (
    Function(
        name="volatility",
        parameters=(N,),
        result=signature.gives(RATIO),
        help="realised volatility a year, a plain ratio",
        phrase="the realised annual volatility of {last}",
        example="volatility(720) > 80%",
        source="population deviation of ln(close / close before) × √(365 days / clock)",
        cost=CONSTANT,
        reads=("close",),
        start=start.volatility,
        needs_clock=signature.always_needed,
        warm_up=two_at_least,
        state_bytes=doubles(12, 3),
        span=reach.not_negative,
    ),
    Function(
        name="correlation",
        parameters=(X, Y, N),
        result=signature.measures("correlation", NUMBER),
        help="correlation of two series, usually of their changes: -1 to 1",
        phrase="the correlation of {x} with {y} over {last}",
        example="correlation(change(close, 1), change(index, 1), 168) < 0.8",
        source="cov(x, y) / (stdev(x) × stdev(y)); numpy.corrcoef; missing while one is flat",
        cost=CONSTANT,
        start=start.over_window(pairs.Correlation),
        warm_up=two_at_least,
        state_bytes=doubles(18, 7),
        span=reach.always(-1.0, 1.0),
    ),
    Function(
        name="beta",
        parameters=(X, Y, N),
        result=signature.measures("beta", NUMBER),
        help="how much x moves with each move of y, usually of their changes",
        phrase="the beta of {x} to {y} over {last}",
        example="beta(change(close, 1), change(index, 1), 720) > 1.2",
        source="cov(x, y) / var(y); missing while y is flat",
        cost=CONSTANT,
        start=start.over_window(pairs.Beta),
        warm_up=two_at_least,
        state_bytes=doubles(18, 7),
    ),
)

FAMILIES: dict[str, tuple[Function, ...]] = {
    "averages": _AVERAGES,
    "spread and strength": _SPREADS,
    "order": _ORDER,
    "change and the past": _PAST,
    "volume": _VOLUME,
    "returns": _RETURNS,
    "carry": CARRY,
    "plain": PLAIN,
}
"""Every function of the language, by family."""

FUNCTIONS: dict[str, Function] = {one.name: one for family in FAMILIES.values() for one in family}
"""Every function of the language by name."""
