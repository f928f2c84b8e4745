"""OpenAPI of the door: what FastAPI knows of the routes, and what it cannot know: who may, what every route may answer,
what goes in and out."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from fieldline_trace.api.http.components import ANSWERED, COMPONENTS, Schema, event, events, hoisted, moved, ref
from fieldline_trace.api.http.problems import KINDS, documented
from fieldline_trace.api.http.roles import TABLE, Grant

RELEASE = "1"
"""Of the interface: paths under /v1 change by addition alone."""
ALWAYS = (400, 401, 403, 405, 414, 422, 429, 500, 503)
"""Problems that any request may end in."""
STATUSES = sorted({kind.status for kind in KINDS.values()})
_HEADERS: dict[str, Schema] = {
    "x-request-id": {"description": "The request's id, as it stands in the log.", "schema": {"type": "string"}},
    "fieldline-position": {
        "description": "The ledger position that the answer is true for.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "fieldline-as-of": {
        "description": "When that was received.",
        "schema": {"type": "string", "format": "date-time"},
    },
    "fieldline-stopped-before": {
        "description": "There where the judge cannot apply this entry: the answer knows of nothing from there on.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
}
_ID: dict[str, Schema] = {"x-request-id": {"$ref": "#/components/headers/x-request-id"}}
_EXAMPLES: dict[str, Any] = {
    "batch": "hof-1/leaf/L1", "batches": ["hof-1/leaf/L1"], "direction": "forward", "receipt": "event-65536",
    "rejected": 1, "key": "5c9f6f90b8a4", "as_of": "2026-03-05", "at_least": 0, "wait": 5,
}  # fmt: skip


def openapi(app: FastAPI) -> Schema:
    """The whole description; made once."""
    if app.openapi_schema is None:
        said = get_openapi(
            title="fieldline",
            version=RELEASE,
            summary="Food traceability from field to table: events in; lineage, alerts and recall scopes out.",
            routes=app.routes,
        )
        components = said.setdefault("components", {})
        schemas = {**events(), "Event": event(), **COMPONENTS}
        for name in ("HTTPValidationError", "ValidationError"):
            components.get("schemas", {}).pop(name, None)
        operations = {route.operation_id: route for route in app.routes if isinstance(route, APIRoute)}
        for methods in said["paths"].values():
            for operation in methods.values():
                _complete(operation, operations[operation["operationId"]], schemas)
        components["schemas"] = {**components.get("schemas", {}), **schemas}
        components["headers"] = _HEADERS
        components["responses"] = {
            f"Problem{status}": {**one, "headers": _ID} for status, one in documented(*STATUSES).items()
        }
        components["securitySchemes"] = {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "flk_ID_SECRET",
                "description": "A key of `fieldline keys create`. It says who speaks and in which role.",
            }
        }
        app.openapi_schema = said
    return app.openapi_schema


def _complete(operation: Schema, route: APIRoute, schemas: dict[str, Schema]) -> None:
    name = str(route.operation_id)
    grants = TABLE[name]
    public = grants["public"] is not Grant.NONE
    operation["security"] = [] if public else [{"key": []}]
    operation["x-roles"] = {role: grant.value for role, grant in grants.items()}
    operation["tags"] = [name.split("_", maxsplit=1)[0]]
    for parameter in operation.get("parameters", []):
        parameter["schema"] = _said(parameter["schema"])
        if parameter["name"] in _EXAMPLES and "example" not in parameter:
            parameter["example"] = _EXAMPLES[parameter["name"]]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schemas.update(hoisted(content["schema"]))
        content["schema"] = moved(content["schema"])
    responses: dict[str, Any] = {str(status): said for status, said in operation["responses"].items()}
    # A key that is not good is refused where none is needed, too.
    problems = {
        *ALWAYS,
        *(409 for one in operation.get("parameters", []) if one["name"] == "at_least"),
        *(int(one) for one in responses if int(one) >= 400),
    }
    responses |= {str(one): {"$ref": f"#/components/responses/Problem{one}"} for one in problems}
    status, component = ANSWERED.get(name, (200, "Answer"))
    good = responses.setdefault(str(status), {"description": "Answered"})
    content = good.setdefault("content", {})
    if not content or "application/json" in content:
        content["application/json"] = {"schema": ref(component)}
    for said_status, said in responses.items():
        if "$ref" in said:
            continue
        said["headers"] = dict(_ID)
        if said_status in (str(status), "304") and component == "Answer":
            said["headers"] |= {
                header: {"$ref": f"#/components/headers/{header}"} for header in _HEADERS if header != "x-request-id"
            }
    operation["responses"] = dict(sorted(responses.items()))


def _said(schema: Schema) -> Schema:
    """The schema of a parameter as it can be said: null cannot, it is left out."""
    if "anyOf" in schema:
        said = [one for one in schema["anyOf"] if one.get("type") != "null"]
        rest = {name: value for name, value in schema.items() if name != "anyOf" and value is not None}
        return {**rest, **said[0]} if len(said) == 1 else {**rest, "anyOf": said}
    return {name: value for name, value in schema.items() if name != "default" or value is not None}
