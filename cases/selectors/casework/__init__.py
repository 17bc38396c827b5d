"""Reads for people who work cases."""
