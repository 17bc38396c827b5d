"""Whether two names, numbers or addresses can be the same: as far as both say enough to tell."""
