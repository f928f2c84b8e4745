"""Every statement has a name, a comment, and is understood by PostgreSQL as it stands."""

from __future__ import annotations

import pytest
from fieldline_trace.store import Pool, Q
from fieldline_trace.store.queries import collect, parse


async def test_every_statement_is_understood_by_the_migrated_database(pool: Pool) -> None:
    async with pool.acquire() as conn:
        failed = {}
        for name in Q.names():
            try:
                await conn.prepare(Q[name])
            except Exception as error:
                failed[name] = str(error)
    assert failed == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("-- name: a\nselect 1;", "a has no comment"),
        ("-- name: a\n-- Why.\n", "a has no statement"),
        ("-- name: a\n-- Why.\nselect 1;\n-- name: a\n-- Why.\nselect 2;", "a is defined twice"),
    ],
)
def test_a_file_that_breaks_the_rules_is_refused(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        parse("x.sql", text)


def test_one_name_in_two_files_is_refused() -> None:
    one = "-- name: a\n-- Why.\nselect 1;"
    with pytest.raises(ValueError, match="defined in another file too"):
        collect([("x.sql", one), ("y.sql", one)])


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        Q["no_such_statement"]
