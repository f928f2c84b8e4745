"""OpenAPI of the door."""

from __future__ import annotations

from fastapi import FastAPI


def described(app: FastAPI) -> None:
    """Let ``app.openapi()`` say all that is true of it."""
