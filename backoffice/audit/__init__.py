"""What was done and who looked: an append-only hash chain and an access log."""
