"""Answers over a runtime on a database of their own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fieldline_streams.embedded.runtime import Runtime, opened
from fieldline_trace.settings import Settings


class Told:
    """A runtime to tell events to and to ask."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    async def say(self, *events: dict[str, Any], sender: str = "hof-1", role: str = "producer") -> list[dict[str, Any]]:
        """Hand events in; all are taken."""
        receipts = await self.runtime.hand_in([json.dumps(e).encode() for e in events], sender=sender, role=role)
        assert all(receipt["outcome"] != "refused" for receipt in receipts), receipts
        return receipts

    async def ask(self, question: str, **arguments: Any) -> dict[str, Any]:
        """An answer."""
        return await self.runtime.ask(question, arguments)


@pytest.fixture
async def told(database: str, tmp_path: Path) -> AsyncIterator[Told]:
    """A runtime that knows nothing yet."""
    async with opened(Settings(data_dir=tmp_path, database_url=database)) as runtime:
        yield Told(runtime)
