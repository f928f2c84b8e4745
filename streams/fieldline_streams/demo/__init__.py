"""The demo: two outbreaks played through the real runtime, each answer held to the known one. ``python -m
fieldline_streams.demo``."""
