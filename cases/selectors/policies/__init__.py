"""Reads about policy versions and what a draft would hit."""
