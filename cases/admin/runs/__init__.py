"""Pages of nightly runs and of what a night changed."""
