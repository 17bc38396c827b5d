"""The Chinese catalogue: which words the code and templates use, and whether each has its translation."""
