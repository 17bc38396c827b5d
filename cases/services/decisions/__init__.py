"""Writes of decisions, repayment plans, the terms ledger and complaints."""
