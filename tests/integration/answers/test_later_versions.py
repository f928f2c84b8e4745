"""Events of a version that this release cannot read yet are kept, and hold up no answer."""

from __future__ import annotations

import pytest
from fieldline_trace.errors import NotFound

from tests.integration.answers.conftest import Told


async def test_what_waits_for_the_upgrade_holds_up_no_answer_that_reads_its_kind(told: Told) -> None:
    await told.say({"id": "s1", "kind": "shipped", "operator": "a", "site": "a", "to_site": "b", "batches": ["a/p/1"]})
    for kind in ("tracing_marked", "illness_case", "notice_approved"):
        await told.say({"id": f"later-{kind}", "kind": kind, "version": 9}, sender="county", role="emergency")
    assert set((await told.ask("score"))["stations"]) == {"a", "b"}
    assert (await told.ask("notices"))["notices"] == []
    with pytest.raises(NotFound, match="illness case"):
        await told.ask("sources", cases=True)
