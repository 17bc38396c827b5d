"""Repayment plans: how they are calculated, what they may cost, and what a borrower can afford."""
