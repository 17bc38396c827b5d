"""Rows that describe borrowers and accounts: look up, validate, stage, merge."""
