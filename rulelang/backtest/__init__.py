"""Backtests: the book that a rule file would have held, what it earned and cost, and what it is compared with."""

from rulelang.backtest.decisions import Feed
from rulelang.backtest.history import Funding, History, Prices
from rulelang.backtest.result import Result
from rulelang.backtest.run import Asked, Options, backtest
from rulelang.backtest.stock import Costs

__all__ = ["Asked", "Costs", "Feed", "Funding", "History", "Options", "Prices", "Result", "backtest"]
