"""Writes of decisions, plans, terms and complaints."""
