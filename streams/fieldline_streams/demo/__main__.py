"""``python -m fieldline_streams.demo``: exits 0 where every answer was the known one, 1 where one was not."""

from __future__ import annotations

import sys

from fieldline_streams.demo.play import main

if __name__ == "__main__":
    sys.exit(main())
