"""Inspect a lender's file and read its rows as texts, by format."""
