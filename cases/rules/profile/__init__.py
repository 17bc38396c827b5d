"""What an intake profile may say, and how it reads one row."""
