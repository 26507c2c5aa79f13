"""Tests of the report, and the results that they draw."""
