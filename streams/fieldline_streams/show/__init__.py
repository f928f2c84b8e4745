"""What is shown and cannot be a test: kills, tampering, bad input, latency. ``python -m fieldline_streams.show NAME…``.

Each part writes ``.bench/NAME.json``, a list of figures, and prints it as a table.
"""
