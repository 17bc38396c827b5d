"""Rows that describe events: repayments, contact attempts, promises, suspicion signals, observed outcomes."""
