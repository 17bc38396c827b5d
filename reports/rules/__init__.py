"""Pure decisions of the roof."""
