"""Contact permits: asking, giving back, expiry, and what is found wrong with contacts that were made."""
