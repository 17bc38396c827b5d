"""Letters to borrowers about decisions: a bank of sentences, and the rules by which they are chosen."""
