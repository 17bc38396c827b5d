"""The page of the crew's telephone: it works without a connection and sends later through REST (docs/field.md)."""
