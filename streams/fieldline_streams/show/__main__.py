"""``python -m fieldline_streams.show NAME…``, or all of them: exits 1 where a figure misses its target."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from rich.console import Console

from fieldline_streams.cli.views import console_of_people
from fieldline_streams.show import bad_input, busy, doors, kill, latency, pictures, rights, roles, tamper
from fieldline_streams.show.figures import Figure, shown

PARTS: dict[str, Callable[[Path, Console], Coroutine[Any, Any, list[Figure]]]] = {
    "kill": kill.show,
    "tamper": tamper.show,
    "bad_input": bad_input.show,
    "doors": doors.show,
    "latency": latency.show,
    "load": busy.show,
    "roles": roles.show,
    "rights": rights.show,
    "pictures": pictures.show,
}


def main(names: list[str]) -> int:
    """Show the parts named; all of them where none is."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.stderr.write(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}\n")
        return 2
    met = True
    for name in names or PARTS:
        console = console_of_people()
        with tempfile.TemporaryDirectory(prefix=f"fieldline-{name}-") as folder:
            figures = asyncio.run(PARTS[name](Path(folder), console))
        shown(name, figures, console)
        met = met and all(figure.met is not False for figure in figures)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
