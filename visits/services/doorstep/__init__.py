"""At the door: check-in, report and evidence."""
