"""Reads of intake files, profiles and rejected rows."""
