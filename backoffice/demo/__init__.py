"""A synthetic portfolio and eight weeks of work on it, played through the product's own services. It owns no rule."""
