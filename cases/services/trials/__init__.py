"""Backtests and shadow runs: asked for, worked through, compared."""
