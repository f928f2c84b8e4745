"""The matrix of roles: every role at every operation, to its own data and to another's, as the table says."""

from __future__ import annotations

import pytest
from fieldline_streams.embedded.runtime import opened
from fieldline_streams.show.roles import Cell, matrix
from fieldline_streams.show.visits import NOBODY, VISITS, WHOLE
from fieldline_trace.api.http.roles import ROLES, TABLE, Grant, grant
from fieldline_trace.settings import Settings


def test_what_is_not_in_the_table_is_granted_to_nobody() -> None:
    assert {grant("launch", role) for role in ROLES} == {Grant.NONE}
    assert grant("alerts", "king") is Grant.NONE


def test_every_operation_of_the_table_is_asked_for() -> None:
    assert set(VISITS) | set(WHOLE) == set(TABLE)
    assert not set(VISITS) & set(WHOLE)


@pytest.fixture
async def cells(settings: Settings) -> list[Cell]:
    """The matrix over the real door, on a fresh database."""
    async with opened(settings.model_copy(update={"body_seconds": 30.0})) as runtime:
        return await matrix(runtime)


async def test_every_role_gets_of_every_operation_what_the_table_grants_and_nothing_else(cells: list[Cell]) -> None:
    assert len(cells) == len(TABLE) * (len(ROLES) + 1)
    assert [cell for cell in cells if cell.got != cell.expected] == []
    assert [cell for cell in cells if not cell.refused_rightly] == []
    # The table itself: what no change may open by the way.
    public = {cell.operation for cell in cells if cell.role == NOBODY and cell.got != "none"}
    assert public == {"live", "ready", "metrics", "openapi", "notices", "story"}
    for operation in ("keys_create", "rebuild", "person_erase", "verify"):
        assert {cell.role for cell in cells if cell.operation == operation and cell.got != "none"} == {"administrator"}
