"""Pages of decisions, plans, complaints and appeals."""
