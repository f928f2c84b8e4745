"""Who a person is, for those who may know, and erasing it: no hash rests on it."""

from __future__ import annotations

from dataclasses import dataclass

from fieldline_schemas.faults import Fault
from fieldline_schemas.messages import Sentence
from fieldline_schemas.text import prose

from fieldline_trace.errors import NotFound, Rejected
from fieldline_trace.store import Connection, Q, outages_as_unavailable

from .personal import spellings_in_json


@dataclass(frozen=True, slots=True)
class Person:
    """Who is meant by a pseudonym; ``value`` is None once it was erased. Times: microseconds since 1970 UTC."""

    pseudonym: str
    value: str | None
    first_at: int
    erased_at: int | None
    erased_by: str | None
    reason: str


async def person(conn: Connection, pseudonym: str) -> Person:
    """Who is meant by ``pseudonym``; ``NotFound`` where it stands for nobody. Who asks has to be allowed to."""
    with outages_as_unavailable():
        row = await conn.fetchrow(Q["person_one"], pseudonym)
    if row is None:
        raise NotFound(Sentence("person_not_known", pseudonym=pseudonym))
    return Person(*row.values())


async def erase(conn: Connection, pseudonym: str, *, by: str, reason: str) -> tuple[Person, int]:
    """Forget who is meant by ``pseudonym``: in the table of persons, and in what was refused and names that person,
    whose text goes with it. The person as it is now, and of how many refused inputs the text is gone. Again: nothing
    more. ``NotFound``; ``Rejected`` where no reason is given."""
    try:
        why = prose(reason)
    except Fault as fault:
        raise Rejected(fault.at("reason")) from None
    with outages_as_unavailable():
        async with conn.transaction():
            row = await conn.fetchrow(Q["person_for_update"], pseudonym)
            if row is None:
                raise NotFound(Sentence("person_not_known", pseudonym=pseudonym))
            gone = 0
            if row["value"] is not None:
                spelled = spellings_in_json(row["value"])
                gone = len(await conn.fetch(Q["rejected_erase"], spelled, by, f"a person in it was erased: {why}"))
                await conn.execute(Q["person_erase"], pseudonym, by, why)
        return await person(conn, pseudonym), gone
