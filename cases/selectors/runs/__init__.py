"""Reads about evaluation runs and what they changed."""
