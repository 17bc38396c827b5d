"""Decisions on which borrowers are one natural person, and what follows for their cases."""
