"""The REST doors of the roof: what channels achieve, and how far cases come."""
