"""Formats of others, read into the events of this house: one folder a format, each pure (bytes in, events and refusals
out)."""
