"""Bad input by each door: what is wrong, and what it got. Between all of it good input is handed in, and taken.

Doors: events and requests over HTTP, EPCIS documents, FoodChain-Lab's networks, spreadsheets.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from fieldline_schemas.faults import Fault
from fieldline_trace.formats import epcis, fcl
from rich.console import Console

from fieldline_streams.cli.views import table
from fieldline_streams.embedded.directory import Service
from fieldline_streams.sending import lines_of
from fieldline_streams.show.bad_input import BAD, good
from fieldline_streams.show.figures import Figure, equal
from fieldline_streams.show.process import ServeProcess
from fieldline_streams.show.wrong import epcis as wrong_epcis
from fieldline_streams.show.wrong import fcl as wrong_fcl
from fieldline_streams.show.wrong import sheets as wrong_sheets
from fieldline_streams.show.wrong.requests import JSON, REQUESTS, Wrong
from fieldline_streams.show.wrong.sheets import Refused

KINDS_AT_LEAST = 60


@dataclass(frozen=True, slots=True)
class Got:
    """What one piece of bad input got. ``right``: refused, with what is at fault named."""

    door: str
    name: str
    outcome: str
    field: str
    value: str
    rule: str
    right: bool


async def show(folder: Path, console: Console) -> list[Figure]:
    """Each door in turn, on one service."""
    serving = ServeProcess(folder / "data")
    service = await serving.start()
    try:
        async with httpx.AsyncClient(base_url=service.address, trust_env=False, timeout=60) as client:
            got = [await _event(client, service, *bad) for bad in BAD]
            got += [await _request(client, service, wrong) for wrong in REQUESTS]
            got += refused_files()
            taken = await _good(client, service)
            ready = (await client.get("/health/ready")).status_code
    finally:
        await serving.stop()
    rows = [(one.door, one.name, one.outcome, one.field, one.value[:30], one.rule) for one in got]
    console.print(table(("door", "what is wrong", "got", "field", "value", "rule"), rows))
    return [*_figures(got, taken), equal("ready after all of it", ready, "status", 200)]


def _figures(got: list[Got], taken: tuple[int, int]) -> list[Figure]:
    doors = dict.fromkeys(one.door for one in got)
    return [
        Figure("kinds of bad input", len(got), "kinds", f"at least {KINDS_AT_LEAST}", len(got) >= KINDS_AT_LEAST),
        *(
            equal(f"{door}: refused, each with what is at fault", sum(one.right for one in mine), "kinds", len(mine))
            for door in doors
            if (mine := [one for one in got if one.door == door])
        ),
        equal("good events between them taken", taken[0], "events", taken[1]),
        *(
            Figure(f"{one.door}: {one.name}", f"{one.outcome}: {one.field}: {one.rule}", "", listed=False)
            for one in got
        ),
    ]


async def _event(client: httpx.AsyncClient, service: Service, name: str, raw: bytes) -> Got:
    body = raw if raw != b"[]" else b"[[]]"  # a request that is an empty array hands nothing in
    said = await client.post("/v1/events", content=body, headers=_headers(service, JSON, "hof-1"))
    problem = said.json()
    right = said.status_code == 422 and bool(problem.get("rule")) and problem["code"] == "rejected"
    return _got("event", name, said.status_code, problem, right)


async def _request(client: httpx.AsyncClient, service: Service, wrong: Wrong) -> Got:
    headers = dict(wrong.headers)
    if wrong.key is not None:
        headers["authorization"] = f"Bearer {service.key if wrong.key == 'local' else wrong.key}"
    try:
        said = await client.request(wrong.method, wrong.path, content=wrong.body, headers=headers)
    except httpx.TransportError as error:
        return Got("request", wrong.name, "cut off", "", "", repr(error), right=False)
    problem = json.loads(said.content) if said.headers.get("content-type", "").startswith("application/problem") else {}
    right = said.status_code == wrong.status and bool(problem.get("detail"))
    return _got("request", wrong.name, said.status_code, problem, right)


def _got(door: str, name: str, status: int, problem: dict[str, Any], right: bool) -> Got:
    outcome = f"{status} {problem.get('code', '')}".strip()
    rule = str(problem.get("rule") or problem.get("detail", ""))
    return Got(door, name, outcome, str(problem.get("field", "")), str(problem.get("value", "")), rule, right)


def refused_files() -> list[Got]:
    """What each wrong file gets, read as the commands that take files read it."""
    doors = (
        ("EPCIS", (*wrong_epcis.DOCUMENTS, *_epcis_events()), _epcis),
        ("FoodChain-Lab", (*wrong_fcl.FILES, *wrong_fcl.ROWS), _fcl),
        ("spreadsheet", wrong_sheets.FILES, wrong_sheets.refused),
    )
    return [got for door, wrong, refusals in doors for got in _documents(door, wrong, refusals)]


def _epcis(raw: bytes) -> list[Refused]:
    return [Refused(one.row, one.field, one.value, one.rule) for one in epcis.events_of(epcis.read(raw)).refused]


def _fcl(raw: bytes) -> list[Refused]:
    refused = fcl.events_of(fcl.read(raw)).refused
    return [Refused(one.row, one.fault.field, one.fault.value, one.fault.rule) for one in refused]


def _documents(
    door: str, wrong: Iterable[tuple[str, bytes]], refusals: Callable[[bytes], list[Refused]]
) -> Iterable[Got]:
    """Each file is refused whole by a fault, or names the one row or event of it that is refused."""
    for name, raw in wrong:
        try:
            refused = refusals(raw)
        except Fault as fault:
            yield Got(door, name, "file refused", fault.field, fault.value, fault.rule, bool(fault.rule))
            continue
        for one in refused[:1]:
            yield Got(door, name, f"{one.row} refused", one.field, one.value, one.rule, len(refused) == 1)
        if not refused:
            yield Got(door, name, "taken", "", "", "", right=False)


def _epcis_events() -> Iterable[tuple[str, bytes]]:
    for name, bad in wrong_epcis.EVENTS:
        yield name, wrong_epcis.document(bad, wrong_epcis.event())


async def _good(client: httpx.AsyncClient, service: Service) -> tuple[int, int]:
    """Good input by each door: events taken, and events there were."""
    raws = [good(1), good(2)]
    raws += lines_of(epcis.events_of(epcis.read(wrong_epcis.document(wrong_epcis.event()))).events)
    raws += lines_of(fcl.events_of(fcl.read(wrong_fcl.network([]))).events)
    raws += lines_of(wrong_sheets.good_events())
    body = b"\n".join(raws)
    said = await client.post(
        "/v1/events", content=body, headers=_headers(service, {"content-type": "application/x-ndjson"}, "hof-2")
    )
    return sum(receipt["outcome"] == "accepted" for receipt in said.json()["receipts"]), len(raws)


def _headers(service: Service, more: dict[str, str], sender: str) -> dict[str, str]:
    return {
        "authorization": f"Bearer {service.key}",
        "host": urlsplit(service.address).netloc,
        "x-fieldline-sender": sender,
        **more,
    }
