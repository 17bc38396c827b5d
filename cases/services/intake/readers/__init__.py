"""Readers of file formats: each yields rows of text."""
