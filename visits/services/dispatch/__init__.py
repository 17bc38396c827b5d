"""Visit orders until the crew sets out: asked for, approved, scheduled, announced by letter."""
