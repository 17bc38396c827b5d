"""Writes of people who work cases, and of what visits establish about them."""
