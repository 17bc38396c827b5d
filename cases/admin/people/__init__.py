"""Pages about natural persons."""
