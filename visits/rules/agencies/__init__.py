"""Rules about outside firms: their registration, papers, entry criteria and renewals."""
