"""Profiles of the lender: their versions, and the samples that they are made with."""
