"""Strategies for generated tests: valid rule files as syntax trees, and markets that go with them."""

from tests.strategies.files import Written, files
from tests.strategies.grounds import Ground, Series, grounds
from tests.strategies.markets import Market, Step, markets
from tests.strategies.mutations import broken_texts, rough_texts

__all__ = [
    "Ground",
    "Market",
    "Series",
    "Step",
    "Written",
    "broken_texts",
    "files",
    "grounds",
    "markets",
    "rough_texts",
]
