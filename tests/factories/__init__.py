"""Factories of records for tests: each fills the required fields, and keywords set the others."""
