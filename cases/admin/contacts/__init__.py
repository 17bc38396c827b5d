"""Pages of contact permits, breaches and sources, and the forms of the buttons about them."""
