"""The REST doors of the ground floor."""
