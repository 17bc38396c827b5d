"""The roof: sees everything, moves nothing."""
