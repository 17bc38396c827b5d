"""Intake profiles."""
