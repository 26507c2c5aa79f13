"""Deciding bar after bar as users of other libraries write it: TA-Lib's streams, and a library for expressions.

Streams take a bar and give a function with it; what TA-Lib lacks, median and rank, comes from sorted lists that are
kept with `bisect`. Twenty expressions are evaluated in the fastest way that each library has, all of them compiled or
parsed once. `for 3 periods` and the target are plain Python, the same for all.
"""

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from workload import BAND, COOLDOWN, FLOOR, INCREASE, SET, Rule

EXPRESSIONS = (
    "close > sma50 and rsi14 > {a}",
    "sma50 > sma200 and change42 < {a}",
    "ema20 > sma200 and rank100 > {a}",
    "close < median30 and stdev20 > {a} and atr14 > {b}",
    "close >= highest100 * {a} and rsi14 < {b}",
)
"""The conditions of the workload, over names."""

Values = Mapping[str, float]
Evaluate = Callable[[Values], Sequence[bool]]


def expressions(rules: Sequence[Rule]) -> list[str]:
    """Return the rules' conditions over names, in words that all of the libraries share."""
    return [EXPRESSIONS[rule.condition].format(a=rule.first, b=rule.second) for rule in rules]


# Libraries for expressions: each takes texts once, then values, and gives which of them are true ──────────────────────


def zen_list(texts: Sequence[str]) -> Evaluate:
    """zen-engine: all in one compiled expression, a list."""
    import zen

    return zen.compile_expression(f"[{', '.join(texts)}]").evaluate  # type: ignore[no-any-return]


def zen_table(texts: Sequence[str]) -> Evaluate:
    """zen-engine: a decision with a table of which every row that fits is collected."""
    import json

    import zen

    rows = [{"_id": str(row), "if": text, "then": str(row)} for row, text in enumerate(texts)]
    content = {
        "hitPolicy": "collect",
        "inputs": [{"id": "if", "name": "if", "type": "expression"}],
        "outputs": [{"id": "then", "name": "then", "field": "then", "type": "expression"}],
        "rules": rows,
    }
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "table", "name": "table", "type": "decisionTableNode", "content": content},
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
        {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"},
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))

    def evaluate(values: Values) -> Sequence[bool]:
        found = {row["then"] for row in decision.evaluate(values)["result"]}
        return [row in found for row in range(len(texts))]

    return evaluate


def rule_engine(texts: Sequence[str]) -> Evaluate:
    """rule-engine: a rule each."""
    import rule_engine as library

    matches = [library.Rule(text).matches for text in texts]
    return lambda values: [match(values) for match in matches]


def simpleeval(texts: Sequence[str]) -> Evaluate:
    """simpleeval: one evaluator, each text parsed once."""
    from simpleeval import SimpleEval

    evaluator = SimpleEval()
    parsed = [(text, evaluator.parse(text)) for text in texts]

    def evaluate(values: Values) -> Sequence[bool]:
        evaluator.names = values
        return [evaluator.eval(text, previously_parsed=tree) for text, tree in parsed]

    return evaluate


def python(texts: Sequence[str]) -> Evaluate:
    """Python itself: one function with all of the conditions; no user's text may be run like this."""
    names = sorted({word for text in texts for word in text.split() if word.isidentifier()} - {"and"})
    body = ", ".join(texts)
    taken = "; ".join(f"{name} = values['{name}']" for name in names)
    made: dict[str, Any] = {}
    exec(f"def evaluate(values):\n  {taken}\n  return [{body}]", made)
    return made["evaluate"]  # type: ignore[no-any-return]


# TA-Lib's streams ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Streams:
    """The ten functions of the newest bar: a stream each, opened once there are so many bars."""

    FIRST = 250

    def __init__(self) -> None:
        self.first: list[tuple[float, ...]] = []
        self.last: deque[float] = deque(maxlen=101)
        self.middle: list[float] = []
        self.order: list[float] = []

    def take(self, bar: Values) -> dict[str, float] | None:
        """Take a bar; return the functions with it, and its close, or `None` before the streams are open."""
        high, low, close = bar["high"], bar["low"], bar["close"]
        median, rank = self._median(close), self._rank(close)
        if len(self.first) < self.FIRST:
            self.first.append((high, low, close))
            if len(self.first) == self.FIRST:
                self._open(*np.array(self.first).T.copy())
            return None
        return {
            "close": close,
            "sma50": self.sma50(close),
            "sma200": self.sma200(close),
            "ema20": self.ema20(close),
            "rsi14": self.rsi14(close),
            "atr14": self.atr14(high, low, close),
            "stdev20": self.stdev20(close),
            "highest100": self.highest100(close),
            "median30": median,
            "rank100": rank,
            "change42": self.change42(close),
        }

    def _open(self, high: Any, low: Any, close: Any) -> None:
        from talib import stream

        self.sma50, self.sma200 = stream.SMA(close, 50).update, stream.SMA(close, 200).update
        self.ema20, self.rsi14 = stream.EMA(close, 20).update, stream.RSI(close, 14).update
        self.atr14, self.stdev20 = stream.ATR(high, low, close, 14).update, stream.STDDEV(close, 20).update
        self.highest100, self.change42 = stream.MAX(close, 100).update, stream.ROCP(close, 42).update

    def _median(self, now: float) -> float:
        held = self.middle
        insort(held, now)
        if len(held) > 30:
            del held[bisect_left(held, self.last[-30])]
        return (held[14] + held[15]) / 2 if len(held) == 30 else 0.0

    def _rank(self, now: float) -> float:
        held, last = self.order, self.last
        insort(held, now)
        last.append(now)
        if len(held) > 100:
            del held[bisect_left(held, last[0])]
        return (bisect_left(held, now) + bisect_right(held, now) - 1) / 198


class Hedge:
    """Which rules are active for three bars, and what is in force after which: plain Python."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.does = [(number, rule.action, rule.amount) for number, rule in enumerate(rules)]
        self.before = self.earlier = [False] * len(rules)
        self.force, self.since, self.begun = 0.0, float("-inf"), False

    def decide(self, time: float, now: Sequence[bool]) -> float:
        """Take the truths of a bar and return what is in force with it."""
        before, earlier = self.before, self.earlier
        self.before, self.earlier = now, before
        level = floor = 0.0
        for number, action, amount in self.does:
            if now[number] and before[number] and earlier[number]:
                if action == FLOOR:
                    floor = max(floor, amount)
                elif action == SET:
                    level = amount
                else:
                    level += amount if action == INCREASE else -amount
        return self._braked(time, min(max(level, floor), 1.0), floor)

    def _braked(self, time: float, desired: float, floor: float) -> float:
        small = abs(desired - self.force) < BAND - 1e-9 and 1e-9 < desired < 1 - 1e-9
        if self.begun and (small or time - self.since < COOLDOWN):
            desired = max(self.force, floor)
        if abs(desired - self.force) > 1e-9:
            self.force, self.since = desired, time
        self.begun = True
        return self.force


LIBRARIES = {
    "zen-engine, one expression": zen_list,
    "zen-engine, a decision table": zen_table,
    "rule-engine": rule_engine,
    "simpleeval": simpleeval,
    "Python itself": python,
}


def combined(rules: Sequence[Rule], library: Callable[[Sequence[str]], Evaluate]) -> Callable[[float, Values], float]:
    """Return a function of a time and a bar that gives the hedge, by TA-Lib's streams and a library for expressions."""
    streams, evaluate, hedge = Streams(), library(expressions(rules)), Hedge(rules)

    def step(time: float, bar: Values) -> float:
        values = streams.take(bar)
        return 0.0 if values is None else hedge.decide(time, evaluate(values))

    return step
