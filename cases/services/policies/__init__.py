"""Writes of policies: versions, terms in force, prices, upgrades."""
