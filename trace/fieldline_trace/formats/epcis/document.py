"""A document: an EPCISDocument, an EPCISQueryDocument, or one bare event; what is around the events is judged here,
the events one by one in ``rules``.

A document that is none is refused as a whole. Numbers are read as decimals, so that quantities stay exact.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NoReturn

from fieldline_schemas.faults import Fault

from fieldline_trace.formats.epcis.rules import MASTER_DATA, check_depth
from fieldline_trace.formats.epcis.values import context, date_time, is_uri, parts, several, text, uri, version

_EVENTS = parts({"eventList": several(lambda _: None)}, ("eventList",), others=True)
_HEADER = parts({"epcisMasterData": MASTER_DATA}, extensions=True)
_DOCUMENT = parts(
    {
        "@context": context,
        "id": uri,
        "type": text,
        "schemaVersion": version,
        "creationDate": date_time,
        "instanceIdentifier": text,
        "sender": text,
        "receiver": text,
        "epcisHeader": _HEADER,
        "epcisBody": _EVENTS,
    },
    ("@context", "type", "schemaVersion", "creationDate", "epcisBody"),
    extensions=True,
)
_RESULTS = parts(
    {
        "queryName": text,
        "subscriptionID": text,
        "resultsBody": parts(
            {
                "eventList": several(lambda _: None),
                "vocabularyList": lambda value: MASTER_DATA({"vocabularyList": value}),
            },
            ("eventList",),
            extensions=True,
        ),
    },
    ("queryName", "resultsBody"),
    extensions=True,
)
_QUERY_DOCUMENT = parts(
    {
        "@context": context,
        "id": uri,
        "type": text,
        "schemaVersion": version,
        "creationDate": date_time,
        "epcisBody": parts({"queryResults": _RESULTS}, ("queryResults",), extensions=True),
    },
    ("@context", "type", "epcisBody"),
    extensions=True,
)


@dataclass(frozen=True, slots=True)
class Document:
    """``events`` as they stand, not yet judged; ``twice``: what was given under the name of a field that was then
    given again (the last counts, as in any reader of JSON; GS1's own examples have it); ``prefixes``: what the
    document's context declares; ``vocabularies``: its master data."""

    events: list[Any]
    twice: list[Fault] = field(default_factory=list)
    prefixes: dict[str, Any] = field(default_factory=dict)
    vocabularies: list[dict[str, Any]] = field(default_factory=list)


def read(raw: bytes) -> Document:
    """The document in ``raw``; :class:`Fault` names the field that makes it unreadable as a whole."""
    twice: list[Fault] = []
    said = _decode(raw, twice)
    if not isinstance(said, dict):
        raise Fault.of(said, "epcis_document", "document")
    kind = said.get("type")
    if kind == "EPCISDocument":
        _DOCUMENT(said)
        header = said.get("epcisHeader", {}).get("epcisMasterData", {})
        return _document(said, said["epcisBody"], header, twice)
    if kind == "EPCISQueryDocument":
        _QUERY_DOCUMENT(said)
        body = said["epcisBody"]["queryResults"]["resultsBody"]
        return _document(said, body, body, twice)
    if not isinstance(kind, str) or ("eventTime" not in said and not is_uri(kind) and not kind.endswith("Event")):
        fault = Fault.by("epcis_document_type", "type")
        raise fault.about(kind) if "type" in said else fault
    if "@context" not in said:
        raise Fault.by("epcis_context_missing", "@context")
    context(said["@context"])
    return Document([{name: value for name, value in said.items() if name != "@context"}], twice, prefixes_of(said))


def _document(said: dict[str, Any], body: dict[str, Any], header: dict[str, Any], twice: list[Fault]) -> Document:
    vocabularies = header.get("vocabularyList", [])
    check_depth(vocabularies, "master data")
    return Document(body["eventList"], twice, prefixes_of(said), vocabularies)


def prefixes_of(said: dict[str, Any]) -> dict[str, Any]:
    """The prefixes and terms that a context declares itself; contexts that it points at are not fetched."""
    stated = said.get("@context")
    found: dict[str, Any] = {}
    for part in stated if isinstance(stated, list) else [stated]:
        if isinstance(part, dict):
            found.update(part)
    check_depth(found, "a context")
    return found


def _decode(raw: bytes, twice: list[Fault]) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                twice.append(Fault.of(found[name], "field_twice_last", name[:128]))
            found[name] = value
        return found

    try:
        said = json.loads(raw, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=unique)
        if b"\\u" in raw:
            json.dumps(said, ensure_ascii=False, default=str).encode()  # half a surrogate pair is no text
        return said
    except UnicodeEncodeError:
        raise Fault.by("json_surrogate", "document") from None
    except RecursionError:
        raise Fault.by("nested_too_deeply", "document") from None
    except UnicodeDecodeError as error:
        raise Fault.by("json_not_utf8", "document", why=error.reason, place=error.start) from None
    except json.JSONDecodeError as error:
        raise Fault.by("json_none", "document", why=error) from None
    except Fault:
        raise
    except (ValueError, ArithmeticError):
        raise Fault.by("json_number_range", "document") from None


def _no_number(name: str) -> NoReturn:
    raise Fault.by("epcis_number", "document", name)
