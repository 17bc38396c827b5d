"""Reads about trials: figures, charts and tables."""
