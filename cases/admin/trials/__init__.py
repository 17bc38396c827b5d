"""Pages of backtests and shadow runs."""
