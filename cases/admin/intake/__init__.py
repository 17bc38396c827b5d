"""Pages of intake files and of the profiles that read them."""
