"""Backtests: the book that a rule file would have held, what it earned and cost, and what it is compared with."""
