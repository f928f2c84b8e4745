"""The schemas of what goes in and out by HTTP, each in one place: for OpenAPI, and for AsyncAPI too."""

from __future__ import annotations

from typing import Any

from fieldline_schemas.contract import Envelope
from fieldline_schemas.json_schema import schema_of
from fieldline_schemas.registry import KINDS

from fieldline_trace.api.http.problems import KINDS as PROBLEMS
from fieldline_trace.api.http.roles import ROLES
from fieldline_trace.capture.mend import STATUSES

Schema = dict[str, Any]
REF = "#/components/schemas/"
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer", "minimum": 0}
TIME: Schema = {"type": "string", "format": "date-time"}
NAMES: Schema = {"type": "array", "items": TEXT}


def ref(name: str) -> Schema:
    """A reference to a component."""
    return {"$ref": REF + name}


def obj(required: dict[str, Schema], optional: dict[str, Schema] | None = None, **more: Any) -> Schema:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def listed(name: str, item: Schema) -> Schema:
    """An object with one list."""
    return obj({name: {"type": "array", "items": item}})


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def events() -> dict[str, Schema]:
    """The contract of every kind, as the component of its name."""
    found: dict[str, Schema] = {}
    for kind in sorted(KINDS.models):
        schema = schema_of(kind)
        for name, part in hoisted(schema).items():
            found[name] = part
        found[kind] = {name: value for name, value in moved(schema).items() if name not in ("$schema", "$id", "$defs")}
    return found


def event() -> Schema:
    """An event as far as all kinds share it. Which is looser than the contract: fifty kinds in one schema are too much
    for what reads such schemas, so its ``kind`` names the component that has the rest."""
    envelope = moved(Envelope.model_json_schema())
    return {
        **envelope,
        "title": "Event",
        "description": "What an event of a kind has beside these, and what it needs, the component named as its `kind` "
        "says. What breaks its contract is refused by field.",
        "properties": {**envelope["properties"], "kind": {"enum": sorted(KINDS.models)}},
        "required": ["kind"],
        "additionalProperties": True,
        "examples": [EXAMPLE],
    }


def hoisted(schema: Schema) -> dict[str, Schema]:
    """The parts that a schema of pydantic's defines for itself, to stand among the components."""
    return {name: moved(part) for name, part in schema.get("$defs", {}).items()}


def moved(value: Any) -> Any:
    """A schema with its references to its own parts turned to components."""
    if isinstance(value, dict):
        return {name: moved(part) for name, part in value.items() if name != "$defs"}
    if isinstance(value, list):
        return [moved(part) for part in value]
    return REF + value.removeprefix(_OWN) if isinstance(value, str) and value.startswith(_OWN) else value


_OWN = "#/$defs/"


EXAMPLE = {
    "kind": "harvested", "operator": "hof-1", "site": "field 1", "at": "2026-03-01",
    "out_batch": {"batch": "hof-1/leaf/L1", "quantity": 100, "unit": "kg"},
}  # fmt: skip
"""An event that is taken."""

_FAULT: dict[str, Schema] = {
    "field": TEXT,
    "value": TEXT,
    "rule": TEXT,
    "rule_code": {**TEXT, "description": "Code of the rule in the catalogue of messages; empty where it has none."},
    "arguments": {"type": "object", "description": "What the sentence of the rule is made with, by name."},
}
_PLACE: dict[str, Schema] = {"receipt": TEXT, "id": TEXT, "number": NUMBER}
_KEY = obj(
    {
        "id": TEXT, "sender": TEXT, "role": {"enum": list(ROLES)}, "operators": NAMES, "grid": TEXT, "tenant": TEXT,
        "note": TEXT, "created": TIME, "by": TEXT, "expires": TIME, "revoked": nullable(TIME),
        "replaces": nullable(TEXT),
    },
    description="A key without its secret.",
)  # fmt: skip

COMPONENTS: dict[str, Schema] = {
    "Problem": obj(
        {
            "type": {"type": "string", "pattern": "^urn:fieldline:problem:"},
            "title": TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": TEXT,
            "code": {"enum": list(PROBLEMS)},
        },
        {
            **_FAULT,
            "near": {**NAMES, "description": "Known names that come closest to what was asked for."},
            "position": {**NUMBER, "description": "How far it has come, where a position was waited for."},
            "receipts": {"type": "array", "items": ref("Receipt")},
        },
        description="RFC 9457. `code` never changes its meaning; `title`, `detail` and `rule` are for people, in the "
        "language that `Accept-Language` likes best of zh-CN and en.",
        examples=[
            {
                "type": "urn:fieldline:problem:rejected", "title": "A field is at fault", "status": 422,
                "detail": "site: harvested needs this", "code": "rejected", "field": "site", "value": "",
                "rule": "harvested needs this", "rule_code": "field_missing_of_kind",
                "arguments": {"kind": "harvested"},
            }
        ],
    ),
    "Receipt": {
        "description": "What became of one event. `receipt` finds it again.",
        "oneOf": [
            obj({"outcome": {"enum": ["accepted", "variant"]}, **_PLACE, "position": NUMBER}),
            obj({"outcome": {"const": "repeated"}, **_PLACE}),
            obj(
                {"outcome": {"const": "accepted"}, "receipt": TEXT, "id": TEXT},
                description="Safe on a stream, and not captured yet.",
            ),
            obj(
                {"outcome": {"const": "refused"}, "receipt": TEXT, "rejected": NUMBER, **_FAULT},
            ),
        ],
    },
    "Receipts": listed("receipts", ref("Receipt")),
    "ReceiptState": {
        "oneOf": [
            obj({"state": {"const": "accepted"}, "receipt": TEXT, "sender": TEXT, "id": TEXT}),
            obj({"state": {"const": "captured"}, **_PLACE, "sender": TEXT, "position": NUMBER, "received": TIME}),
            obj(
                {
                    "state": {"const": "refused"}, "receipt": TEXT, "sender": TEXT, "rejected": NUMBER,
                    "received": TIME, **_FAULT, "status": {"enum": list(STATUSES)},
                    "became": nullable(TEXT),
                }
            ),
        ],
    },
    "Answer": {
        "type": "object",
        "required": ["position"],
        "properties": {"position": {**NUMBER, "description": "The ledger position that it is true for."}},
        "description": "Its further fields are described with the question.",
    },
    "Key": _KEY,
    "Keys": listed("keys", ref("Key")),
    "MadeKey": obj({"key": {**TEXT, "description": "The key itself: in this answer alone."}, "made": ref("Key")}),
    "RevokedKey": obj({"revoked": ref("Key")}),
    "Me": obj(
        {
            "sender": TEXT, "role": {"enum": list(ROLES)}, "operators": NAMES, "grid": TEXT, "tenant": TEXT,
            "key": TEXT, "now": TIME,
        }
    ),
    "Accesses": listed(
        "accesses",
        obj(
            {
                "number": NUMBER, "at": TIME, "sender": TEXT, "role": TEXT, "key": TEXT, "operation": TEXT,
                "subject": TEXT, "whose": NAMES,
            }
        ),
    ),
    "Subscription": {"type": "object", "description": "Its fields are described with the operation."},
    "Live": obj({"live": {"const": True}}),
    "Ready": obj({"ready": {"const": True}, "position": NUMBER, "judged": NUMBER}),
    "OpenApi": {"type": "object", "required": ["openapi", "paths"]},
}  # fmt: skip
"""By name; events stand apart."""

ANSWERED: dict[str, tuple[int, str]] = {
    "live": (200, "Live"),
    "ready": (200, "Ready"),
    "openapi": (200, "OpenApi"),
    "events": (202, "Receipts"),
    "receipt": (200, "ReceiptState"),
    "keys_create": (201, "MadeKey"),
    "keys_rotate": (201, "MadeKey"),
    "keys_revoke": (200, "RevokedKey"),
    "keys_list": (200, "Keys"),
    "me": (200, "Me"),
    "subscribers_list": (200, "Subscription"),
    "subscribers_add": (201, "Subscription"),
    "subscribers_remove": (200, "Subscription"),
    "subscribers_rotate": (201, "Subscription"),
    "subscribers_test": (202, "Subscription"),
    "subscribers_notices": (200, "Subscription"),
    "subscribers_replay": (202, "Subscription"),
    "access_list": (200, "Accesses"),
    "scope_open": (202, "Receipts"),
    "scope_close": (202, "Receipts"),
    "scope_release": (202, "Receipts"),
    "alert_acknowledge": (202, "Receipts"),
}
"""What an operation answers where all is well: status and component. Every other one is a question's ``Answer``."""
