"""The REST doors of the reports floor: effectiveness of channels, and the funnel of cases."""
