"""Benches: each measures the product beside bare SQL (the floor) and beside a per-row loop (naive)."""

from backoffice.bench.registry import BENCHES, Bench, Result

__all__ = ["BENCHES", "Bench", "Result"]
