"""A rule file inside freqtrade: no long entry while much is hedged, and of a long trade only the part that isn't."""

import logging
from datetime import timedelta
from typing import Any

import rulelang

CANDLE = ("open", "high", "low", "close", "volume")


class Follower:
    """Rules at work on the candles of one pair, each taken once."""

    def __init__(self, rules: rulelang.Rules, timeframe: str) -> None:
        if unknown := set(rules.fields) - set(CANDLE):
            raise ValueError(f"the rules read {', '.join(sorted(unknown))}, which candles don't have")
        self.run = rules.start(bars=timeframe, records=False)
        self.length = timedelta(seconds=self.run.rules.bars)
        self.seen: Any = None
        self.hedge = 0.0

    def follow(self, frame: Any) -> float:
        """Take a frame's new candles, and return the hedge. `date` is when a candle opens; it is known at its close."""
        new = frame if self.seen is None else frame[frame["date"] > self.seen]
        for candle in new.itertuples():
            decision = self.run.step(candle.date + self.length, {name: getattr(candle, name) for name in CANDLE})
            self.seen, self.hedge = candle.date, decision.hedge
        return self.hedge


def stake_change(full: float, held: float, hedge: float, least: float | None, most: float) -> float | None:
    """Return the stake to add, or below zero to take off, so that what isn't hedged stays; `None` for nothing.

    `full`: the stake without any hedge. `least`, `most`: the smallest and largest order; a rest below it goes as well.
    """
    wanted = full * (1 - hedge)
    wanted = 0.0 if wanted < (least or 0.0) else wanted
    change = min(wanted - held, most)
    return change if abs(change) >= max(least or 0.0, full / 100) else None


class Ruled:
    """Callbacks for a strategy, named before freqtrade's own: `class Mine(Ruled, IStrategy)`."""

    rules = rulelang.load("hedge.rules")
    entry_below = 0.5
    position_adjustment_enable = True

    def bot_start(self, **kwargs: Any) -> None:
        """Begin; refuse rules that candles of the strategy's timeframe can't feed."""
        Follower(self.rules, self.timeframe)
        self.followers: dict[str, Follower] = {}

    def hedge(self, pair: str) -> float:
        """Return the hedge after the newest candle that has closed."""
        if pair not in self.followers:
            self.followers[pair] = Follower(self.rules, self.timeframe)
        frame, _ = self.dp.get_analyzed_dataframe(pair, self.timeframe)
        return self.followers[pair].follow(frame)

    def confirm_trade_entry(
        self, pair: str, order_type: str, amount: float, rate: float, time_in_force: str, current_time: Any,
        entry_tag: str | None, side: str, **kwargs: Any,
    ) -> bool:  # fmt: skip
        """Say whether a trade may be opened."""
        try:
            return self.hedge(pair) < self.entry_below or side == "short"
        except Exception:
            logging.getLogger(__name__).exception("%s is not entered: the rules could not decide", pair)
            return False  # freqtrade would take the error for a yes

    def adjust_trade_position(
        self, trade: Any, current_time: Any, current_rate: float, current_profit: float, min_stake: float | None,
        max_stake: float, current_entry_rate: float, current_exit_rate: float, current_entry_profit: float,
        current_exit_profit: float, **kwargs: Any,
    ) -> float | None:  # fmt: skip
        """Return how the stake of a trade changes."""
        if trade.is_short or trade.has_open_orders:
            return None
        full = trade.get_custom_data("full_stake")
        if full is None:
            full = trade.stake_amount
            trade.set_custom_data("full_stake", full)
        return stake_change(full, trade.stake_amount, self.hedge(trade.pair), min_stake, max_stake)
