"""Taking the lender's files in."""
