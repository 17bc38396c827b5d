"""Writes of people who work cases, and of what visits and desk checks establish about borrowers."""
