"""What every floor stands on: scoping, transitions, sealed fields, doors. No models, no business words."""
