"""Pages of cases. Importing the modules registers them."""
