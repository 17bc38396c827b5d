"""What pages of the admin share: the scoped base, buttons, cells, charts, forms and private files."""
