"""Outgoing events, written with the change that caused them and delivered later."""
