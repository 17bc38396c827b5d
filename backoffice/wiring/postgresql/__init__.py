"""Django's backend for PostgreSQL, with a faster reading of instants."""
