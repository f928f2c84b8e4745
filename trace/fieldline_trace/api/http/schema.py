"""The descriptions of the interfaces as they are committed: ``docs/openapi.json`` and ``docs/asyncapi.json``.

``python -m fieldline_trace.api.http.schema [FOLDER]`` writes them anew; a test fails when they have drifted.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from fieldline_trace.api.http.asyncapi import asyncapi
from fieldline_trace.api.http.openapi import openapi


def described(app: FastAPI) -> None:
    """Let ``app.openapi()`` say all that is true of it."""
    app.openapi = lambda: openapi(app)  # type: ignore[method-assign]


def written(app: FastAPI) -> dict[str, str]:
    """Both descriptions as text, by the name of their file; ``app`` need not run."""
    said = {"openapi.json": openapi(app), "asyncapi.json": asyncapi()}
    return {name: json.dumps(one, indent=1, ensure_ascii=False) + "\n" for name, one in said.items()}


def unbound() -> FastAPI:
    """The application without a runtime: to be described, not to be asked."""
    from fieldline_trace.api.http.app import create_app
    from fieldline_trace.api.ports import Ports
    from fieldline_trace.settings import Settings

    nothing: Any = None
    return create_app(Ports(nothing, nothing, nothing, nothing, nothing, nothing, Settings()))


def main(folder: Path) -> None:
    """Write both into ``folder``."""
    for name, text in written(unbound()).items():
        (folder / name).write_text(text, "utf-8")
        sys.stdout.write(f"{folder / name}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
