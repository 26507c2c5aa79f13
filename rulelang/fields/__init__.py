"""The market fields that every rule file knows: kind, cadence, bounds, and how a longer bar is made of them."""

from rulelang.fields.catalogue import CATALOGUE, Aggregation, Field, Range

__all__ = ["CATALOGUE", "Aggregation", "Field", "Range"]
