"""Reads about intake files, profiles and rejected rows."""
