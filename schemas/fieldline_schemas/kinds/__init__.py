"""The kinds of events, one short file each. A new kind is a file here and its line in ``registry.py``."""
