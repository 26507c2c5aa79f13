"""The records of functions without a history: carry, and plain arithmetic of present values."""

import math

from rulelang.functions import plain, reach, signature
from rulelang.functions.record import Function, Parameter, Role
from rulelang.kinds import NUMBER, RATIO

CHOOSES = Parameter("condition", Role.CONDITION, "what decides")
VALUE = Parameter("x", Role.VALUE, "the value")
A = Parameter("a", Role.VALUE, "one value")
B = Parameter("b", Role.VALUE, "another value")
YIELD = Parameter("x", Role.VALUE, "a rate, or a ratio together with the duration in which it was earned")
EARNED_IN = Parameter("duration", Role.VALUE, "the time in which a ratio is earned, such as `expiry - time`")
LOW = Parameter("lo", Role.VALUE, "the lowest result")
HIGH = Parameter("hi", Role.VALUE, "the highest result")

CONSTANT = "O(1) a bar"

CHOSEN = "missing while the condition is unknown, or the chosen value is"

CARRY = (
    Function(
        name="basis",
        parameters=(),
        result=signature.gives(RATIO),
        help="premium of the dated future over spot; where it is positive, a short in the future earns it by expiry",
        phrase="the premium of the dated future over spot",
        example="basis() > 2%",
        source="(future − spot) / spot",
        cost=CONSTANT,
        reads=("future", "spot"),
        plain=plain.always(plain.basis),
    ),
    Function(
        name="annualised",
        parameters=(YIELD, EARNED_IN),
        result=signature.annualised,
        help="a ratio a year, simple, from a rate, or from a ratio and the time in which it is earned",
        phrase="the yearly equivalent of {x}[ earned over {duration}]",
        example="annualised(basis(), expiry - time) > 10%",
        source="rate × 1y / period; ratio × 1y / duration, missing unless that is positive",
        cost=CONSTANT,
        optional=1,
        plain=plain.annualised,
    ),
)

PLAIN = (
    Function(
        name="abs",
        parameters=(VALUE,),
        result=signature.keeps("abs"),
        help="size without the sign",
        phrase="the absolute value of {x}",
        example="abs(change(close, 24)) > 10%",
        source="|x|",
        cost=CONSTANT,
        plain=plain.always(abs),
        span=reach.size,
    ),
    Function(
        name="min",
        parameters=(A, B),
        result=signature.unifies("min"),
        help="smallest of two or more values",
        phrase="the minimum of {all}",
        example="min(spot, index) < lowest(close, 168)",
        source="the smallest; missing when one is",
        cost=CONSTANT,
        variadic=True,
        plain=plain.least,
        span=reach.least,
    ),
    Function(
        name="max",
        parameters=(A, B),
        result=signature.unifies("max"),
        help="largest of two or more values",
        phrase="the maximum of {all}",
        example="max(spot, index) > highest(close, 168)",
        source="the largest; missing when one is",
        cost=CONSTANT,
        variadic=True,
        plain=plain.most,
        span=reach.most,
    ),
    Function(
        name="sqrt",
        parameters=(VALUE,),
        result=signature.measures("sqrt", NUMBER),
        help="square root; missing below 0",
        phrase="the square root of {x}",
        example="sqrt(volume) > 100",
        source="√x",
        cost=CONSTANT,
        plain=plain.always(math.sqrt),
        span=reach.not_negative,
    ),
    Function(
        name="log",
        parameters=(VALUE,),
        result=signature.measures("log", NUMBER),
        help="natural logarithm; missing unless the value is positive",
        phrase="the natural logarithm of {x}",
        example="log(close / previous(close, 24)) < -0.1",
        source="ln x",
        cost=CONSTANT,
        plain=plain.always(math.log),
    ),
    Function(
        name="exp",
        parameters=(VALUE,),
        result=signature.measures("exp", NUMBER),
        help="e to the power of the value",
        phrase="e to the power of {x}",
        example="exp(zscore(close, 48)) > 7",
        source="eˣ",
        cost=CONSTANT,
        plain=plain.always(math.exp),
        span=reach.not_negative,
    ),
    Function(
        name="round",
        parameters=(VALUE,),
        result=signature.keeps("round"),
        help="nearest whole number, halves away from 0",
        phrase="{x} rounded to the nearest whole number",
        example="round(rsi(close, 14)) >= 70",
        source="⌊|x| + ½⌋ with the sign of x, computed exactly",
        cost=CONSTANT,
        plain=plain.always(plain.round_half_away),
        span=reach.rounded,
    ),
    Function(
        name="floor",
        parameters=(VALUE,),
        result=signature.keeps("floor"),
        help="largest whole number that is not above the value",
        phrase="{x} rounded down to a whole number",
        example="floor(rsi(close, 14)) < 30",
        source="⌊x⌋",
        cost=CONSTANT,
        plain=plain.always(math.floor),
        span=reach.floor,
    ),
    Function(
        name="ceil",
        parameters=(VALUE,),
        result=signature.keeps("ceil"),
        help="smallest whole number that is not below the value",
        phrase="{x} rounded up to a whole number",
        example="ceil(rsi(close, 14)) > 70",
        source="⌈x⌉",
        cost=CONSTANT,
        plain=plain.always(math.ceil),
        span=reach.ceil,
    ),
    Function(
        name="clamp",
        parameters=(VALUE, LOW, HIGH),
        result=signature.unifies("clamp"),
        help="the value, raised to the lowest and lowered to the highest result",
        phrase="{x} kept between {lo} and {hi}",
        example="clamp(change(close, 24), -5%, 5%) < -4%",
        source="min(max(x, lo), hi)",
        cost=CONSTANT,
        plain=plain.clamp,
        span=reach.clamp,
    ),
    Function(
        name="if",
        parameters=(CHOOSES, A, B),
        result=signature.choice,
        help="the first value while the condition is true, the second while it is false, missing while it is unknown",
        phrase="{a} if {condition}, otherwise {b}",
        gaps=CHOSEN,
        example="if(close > open, high - close, close - low) > atr(14)",
        source="a or b; the one that is not taken may be missing",
        cost=CONSTANT,
        plain=plain.choice,
        span=reach.choice,
    ),
)
