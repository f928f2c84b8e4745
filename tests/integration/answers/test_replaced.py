"""Who waits for the follower when it fails waits for the one that takes its place."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from fieldline_streams import answering
from fieldline_streams.embedded.runtime import opened
from fieldline_trace.settings import Settings
from fieldline_trace.store import Pool

from tests.integration.capture.events import made

HANGS_SECONDS = 60.0


async def test_an_answer_that_waits_for_a_judge_that_is_overtaken_is_given_by_the_next_one(
    database: str, pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "CAUGHT_UP_SECONDS", 10 * HANGS_SECONDS)
    async with opened(Settings(data_dir=tmp_path, database_url=database)) as runtime:
        before = runtime.followed
        async with pool.acquire() as conn, conn.transaction():
            # The judge waits for its own row while another one, here, moves on.
            await conn.execute("select from follower_position where follower = 'judge' for update")
            [receipt] = await runtime.hand_in([made("e1")], sender="hof-1", role="producer")
            asked = asyncio.create_task(runtime.ask("alerts", {}))
            while not before._moved._waiters:  # noqa: ASYNC110 - nothing tells who waits
                await asyncio.sleep(0)
            await conn.execute(
                "update follower_position set position = $1 where follower = 'judge'", receipt["position"]
            )
        async with asyncio.timeout(HANGS_SECONDS):
            assert (await asked)["position"] == receipt["position"]
        assert runtime.followed is not before
