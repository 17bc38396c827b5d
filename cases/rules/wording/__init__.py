"""Words that a text may not hold, or that a person must look at, found without judging what was meant."""
