"""What is known of contacts with people: limits, history, breaches."""
