"""Contradictions: what two sources say of a borrower, and that cannot both be true (domain 6)."""
