"""The REST doors of the first floor: agencies, placements, visits, reports and evidence."""
