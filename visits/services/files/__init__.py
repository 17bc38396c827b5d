"""Stored evidence and letters: opened after a comparison with their SHA-256, and checked every night."""
