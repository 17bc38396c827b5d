"""What the figures of a trial mean."""
