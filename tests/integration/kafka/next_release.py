"""A worker of the next release: one in which a harvest has a second version. Started as a process of its own."""

from __future__ import annotations

import sys

from fieldline_schemas.kinds.harvested import Harvested
from fieldline_streams.cli.app import main

if __name__ == "__main__":
    Harvested.VERSION = 2
    Harvested.UPCASTS = {1: lambda event: event}
    sys.argv = ["fieldline", "worker"]
    main()
