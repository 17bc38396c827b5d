"""Pure decisions of the visits floor: no database, no clock, no settings, no network."""
