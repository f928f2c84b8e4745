"""The compiled part of the index: its columns, and the loops over them."""
