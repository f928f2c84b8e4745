"""Requests that no door should open to, whatever is in them."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field

from fieldline_streams.show.bad_input import good

JSON, LINES = {"content-type": "application/json"}, {"content-type": "application/x-ndjson"}


@dataclass(frozen=True, slots=True)
class Wrong:
    """One request, and the status that it has to get."""

    name: str
    status: int
    method: str = "POST"
    path: str = "/v1/events"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    key: str | None = "local"
    """``local``: the key of the service file; None: none; else this text."""


TRACE = "/v1/trace?direction=back&batch="
_ONE = good(1)
REQUESTS: tuple[Wrong, ...] = (
    Wrong("events without a key", 401, headers=JSON, body=_ONE, key=None),
    Wrong("a key that was never made", 401, headers=JSON, body=_ONE, key="flk_0000000000000000_" + "a" * 43),
    Wrong("a key of another form", 401, headers=JSON, body=_ONE, key="secret"),
    Wrong("no content type", 415, body=_ONE),
    Wrong("a form", 415, headers={"content-type": "application/x-www-form-urlencoded"}, body=b"kind=harvested"),
    Wrong("XML", 415, headers={"content-type": "application/xml"}, body=b"<event/>"),
    Wrong("compressed", 415, headers={**JSON, "content-encoding": "gzip"}, body=gzip.compress(_ONE)),
    Wrong("an array that is cut off", 422, headers=JSON, body=b"[" + _ONE + b","),
    Wrong("an array of numbers", 422, headers=JSON, body=b"[1, 2, 3]"),
    Wrong("lines that are all at fault", 422, headers=LINES, body=b"{}\n[]\nnull\n"),
    Wrong("more events than a request may have", 413, headers=LINES, body=b"{}\n" * 100_001),
    Wrong("a method that events do not know", 405, method="DELETE"),
    Wrong("a path that there is not", 404, method="GET", path="/v1/everything"),
    Wrong("a path that climbs", 404, method="GET", path="/v1/../../etc/passwd"),
    Wrong("an address of 60,000 characters", 414, method="GET", path="/v1/trace?batch=" + "x" * 60_000),
    Wrong("a trace of nothing", 422, method="GET", path="/v1/trace"),
    Wrong("a trace with an unknown argument", 422, method="GET", path=f"{TRACE}hof-1/leaf/L1&colour=green"),
    Wrong("a trace in a third direction", 422, method="GET", path="/v1/trace?batch=hof-1/leaf/L1&direction=up"),
    Wrong("a trace of a batch that nobody named", 404, method="GET", path=f"{TRACE}hof-1/leaf/never"),
    Wrong("a trace of a GTIN with a wrong check digit", 404, method="GET",
          path=f"{TRACE}(01)09506000134353(10)B7"),
    Wrong("a scope that there is not", 404, method="GET", path="/v1/scopes/scope-0/diff"),
    Wrong("a receipt that there is not", 404, method="GET", path="/v1/receipts/urn%3Anever"),
    Wrong("a feed from a point that is none", 422, method="GET", path="/v1/feed",
          headers={"last-event-id": "yesterday"}),
    Wrong("arguments that are a list", 422, path="/v1/scopes/preview", headers=JSON, body=b"[]"),
    Wrong("a preview without seeds", 422, path="/v1/scopes/preview", headers=JSON, body=b"{}"),
    Wrong("a key for a role that there is not", 422, path="/v1/keys", headers=JSON,
          body=json.dumps({"sender": "x", "role": "king"}).encode()),
    Wrong("a position that is a word", 422, method="GET", path="/v1/alerts?at_least=soon"),
    Wrong("a rejected row that there is not", 404, method="GET", path="/v1/rejected/999999"),
)  # fmt: skip
"""Each by its name, with the status it has to get."""
