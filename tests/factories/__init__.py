"""Makers of records for tests: the least that a record needs, everything else by keyword."""
