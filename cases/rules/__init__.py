"""Pure decisions of the ground floor: no I/O, no clock, no models."""
