"""The review of a report, and what an accepted one changes in the case."""
