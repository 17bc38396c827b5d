"""What every step of a visit order uses: the conduct guard, endings, fees, reveal."""
