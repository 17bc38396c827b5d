"""What REST doors share: the scoped base, callers, answers, filters and the schema."""
