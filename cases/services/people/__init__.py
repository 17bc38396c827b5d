"""Which borrowers of the lender are one natural person."""
