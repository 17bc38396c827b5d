"""Users, roles, territories and the second factor."""
