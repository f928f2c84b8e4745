"""Acts: handing one in; of those on scopes also which batch is meant, and the scope that it speaks of as it is then."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from fieldline_schemas.faults import Fault
from fieldline_trace.api.faults import fault_of
from fieldline_trace.errors import Rejected

from fieldline_streams.cli import views
from fieldline_streams.cli.session import Session
from fieldline_streams.gateway import Gateway, HttpGateway

Scope = Annotated[str, typer.Argument(help="Its id, or the begin of it that no other has.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept with the act.")]


def key_of(session: Session, text: str, as_json: bool) -> str:
    """The one key that ``text`` names; ends the command where there is none, or more than one."""
    keys: list[str] = session.ask("name", {"batch": text}, as_json=as_json)["batches"]
    if len(keys) > 1:
        fault = Fault.of(text, "lot_of_many_batches", "batch", count=len(keys), example=keys[0])
        session.fail(Rejected(fault), as_json=as_json)
    return keys[0]


async def handed_in(session: Session, found: Gateway, event: dict[str, Any]) -> dict[str, Any]:
    """Hand an act in as an event of the session's sender and role, with an id of its own, done now; its receipt.
    ``Rejected`` where it is refused. What is None is not said."""
    said = {**event, "id": uuid.uuid4().urn, "at": datetime.now(UTC).isoformat().replace("+00:00", "Z")}
    raw = json.dumps({name: value for name, value in said.items() if value is not None}).encode()
    (receipt,) = await found.hand_in([raw], sender=session.sender, role=session.role)
    if receipt["outcome"] == "refused":
        raise Rejected(fault_of(receipt))
    return receipt


def acted(session: Session, event: dict[str, Any], scope: str | None, as_json: bool) -> None:
    """Hand an act in, and show the scope that it speaks of."""

    async def work(found: HttpGateway) -> dict[str, Any]:
        if scope is not None:
            event["scope"] = (await found.ask("scope show", {"scope": scope}))["scope"]
        receipt = await handed_in(session, found, event)
        if scope is not None:
            return await found.ask("scope show", {"scope": event["scope"]})
        return await found.ask("scope show", {"opened_by": [await found.speaker(), receipt["id"]]})

    print_scope(session, session.run(work, as_json=as_json), False, as_json)


def print_scope(session: Session, answer: dict[str, Any], every: bool, as_json: bool) -> None:
    if as_json:
        session.print_json(answer)
    else:
        views.scope(session.out, answer, short=None if every else views.SHORT)
