"""Ground floor: portfolio, policy, triggers, cases, decisions and terms."""
