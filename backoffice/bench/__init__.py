"""Benches: each says how fast, how far from bare SQL, and how far from the way most people would write it."""

from backoffice.bench.registry import BENCHES, Bench, Result

__all__ = ["BENCHES", "Bench", "Result"]
