"""Tests of rulelang, and what they share: goldens and strategies."""
