"""Which holding's material is in which other's: links with times, hubs of lots, gaps and pools, both directions.
Pure.
"""
