"""What a policy may say, how it is checked, compared and read aloud."""
