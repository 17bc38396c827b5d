"""Pure decisions of the reports floor."""
