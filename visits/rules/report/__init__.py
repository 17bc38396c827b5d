"""Whether a visit's report may be handed in, and how far its evidence can be trusted."""
