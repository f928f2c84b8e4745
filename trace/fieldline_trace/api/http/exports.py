"""A scope as a file, whole, written out as it goes: ``/v1/scopes/{scope}/file/csv``, ``json``, ``events``, ``fcl``."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import Response, StreamingResponse

from fieldline_trace.api.http.gate import AccessDep, CallerDep, PortsDep
from fieldline_trace.api.http.moments import MomentDep
from fieldline_trace.api.http.problems import documented
from fieldline_trace.formats.sheet.quoting import quoted

Format = Literal["csv", "json", "events", "fcl"]
_MEDIA: Mapping[str, tuple[str, str, str]] = {
    "csv": ("scope export", "text/csv; charset=utf-8", "csv"),
    "json": ("scope export", "application/json", "json"),
    "events": ("scope events", "application/x-ndjson", "ndjson"),
    "fcl": ("scope network", "application/json", "fcl.json"),
}
"""Format to the question that it answers, its media type, and how its file's name ends."""
AT_ONCE = 500
"""Rows that are written at a time."""


def add(app: FastAPI) -> None:
    """Put the route into ``app``."""
    app.add_api_route(
        "/v1/scopes/{scope}/file/{form}",
        _file,
        methods=["GET"],
        operation_id="scope_file",
        summary="scope file",
        response_class=Response,
        responses=documented(401, 403, 404, 422, 429, 503),
    )


async def _file(
    scope: Annotated[str, Path(description="Its id, or the begin of it that no other has.")],
    form: Annotated[Format, Path(description="csv, json, events (as they came, one a line), or fcl.")],
    request: Request,
    caller: CallerDep,
    ports: PortsDep,
    access: AccessDep,
    moment: MomentDep,
    version: Annotated[int | None, Query(ge=1, description="Which version, of csv and json; else the latest.")] = None,
) -> Response:
    """A scope as a file: its members as CSV or JSON, the events that it rests on, or its network as FoodChain-Lab's
    applications open it."""
    question, media, ending = _MEDIA[form]
    arguments: dict[str, Any] = {"scope": scope}
    if version is not None and question == "scope export":
        arguments["version"] = version
    found = await ports.answers.answer(question, arguments, caller, moment)
    await access.seen(caller, "scope_file", scope, found.whose)
    name = f"{found.said['scope']}.{ending}"
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "fieldline-position": str(found.position),
    }
    return StreamingResponse(written(form, found.said), media_type=media, headers=headers)


def written(form: Format, said: Mapping[str, Any]) -> Iterator[bytes]:
    """An answer as a file, piece by piece."""
    if form == "events":
        yield from _lines([event["body"] for event in said["events"]])
    elif form == "fcl":
        yield msgspec.json.encode(said["network"])
    elif form == "csv":
        yield from _table(said["rows"])
    else:
        heading = {name: value for name, value in said.items() if name != "rows"}
        yield msgspec.json.encode(heading)[:-1] + b',"rows":['
        for start in range(0, len(said["rows"]), AT_ONCE):
            piece = msgspec.json.encode(said["rows"][start : start + AT_ONCE])[1:-1]
            yield piece if start == 0 else b"," + piece
        yield b"]}"


def _lines(bodies: Sequence[str]) -> Iterator[bytes]:
    """One event a line, as it was received; one with line breaks in it is written anew without them."""
    for start in range(0, len(bodies), AT_ONCE):
        lines = []
        for body in bodies[start : start + AT_ONCE]:
            lines.append(body if "\n" not in body and "\r" not in body else _flat(body))
        yield ("\n".join(lines) + "\n").encode()


def _flat(body: str) -> str:
    return msgspec.json.encode(msgspec.json.decode(body)).decode()


COLUMNS = (
    "batch", "lot", "product", "site", "operator", "role", "certainty", "basis", "state", "held", "exposed_from",
    "exposed_to", "hops", "quantity", "unit", "event", "reason", "cause",
)  # fmt: skip


def _table(rows: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
    """CSV with a header; UTF-8 with a mark of it, which spreadsheets go by. What they would take for a formula is
    quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    mark = "\ufeff"
    for start in range(0, max(len(rows), 1), AT_ONCE):
        writer.writerows([[_cell(row.get(name)) for name in COLUMNS] for row in rows[start : start + AT_ONCE]])
        yield (mark + out.getvalue()).encode()
        mark = ""
        out.seek(0)
        out.truncate()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int | float) else quoted(value)
