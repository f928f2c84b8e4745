"""The command line ``fieldline``: one module a group of commands, each a thin layer over a question or an event."""

from fieldline_streams.cli.app import main

__all__ = ["main"]
