"""Writes of agencies: admission, evaluation, placements, prices."""
