"""``python -m fieldline_streams.cli`` is ``fieldline``."""

from fieldline_streams.cli.app import main

if __name__ == "__main__":
    main()
