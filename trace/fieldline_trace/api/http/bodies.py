"""What comes in the body of a request: read after the gate, bounded in length and time, and only as it says it is."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

import msgspec
from fastapi import Request
from fieldline_schemas.faults import Fault, joined
from fieldline_schemas.messages import Sentence
from pydantic import BaseModel, ValidationError

from fieldline_trace.api.http.problems import Problem
from fieldline_trace.errors import Rejected

JSON = ("application/json",)
NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl")
ARGUMENT_BYTES = 1_000_000
"""Longest body of a request that hands in no events."""

M = TypeVar("M", bound=BaseModel)
_object = msgspec.json.Decoder(dict[str, Any])


def media_type(request: Request, allowed: tuple[str, ...]) -> str:
    """The content type of the request, in lower case, without parameters. ``Problem`` 415 where it is none of
    ``allowed``, or the body is compressed."""
    said = request.headers.get("content-type", "")
    found = said.split(";", 1)[0].strip().lower()
    if found not in allowed:
        known = ", ".join(allowed)
        raise Problem("unsupported_media_type", Sentence("content_type_known", said=repr(said[:100]), known=known))
    if (encoding := request.headers.get("content-encoding", "identity").strip().lower()) != "identity":
        raise Problem("unsupported_media_type", Sentence("content_encoding_plain", said=repr(encoding[:100])))
    return found


async def body_of(request: Request, most: int, seconds: float) -> bytes:
    """The body. ``Problem`` 413 past ``most`` bytes, whether announced or not, and 408 past ``seconds``."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > most:
        raise _too_large(length, most)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                size += len(part)
                if size > most:
                    raise _too_large(f"more than {most}", most)
                parts.append(part)
    except TimeoutError:
        raise Problem("too_slow", Sentence("body_late", seconds=f"{seconds:g}"), headers=CLOSE) from None
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def arguments_of(request: Request, model: type[M], seconds: float) -> M:
    """The JSON object of a body as ``model``; an empty body is an empty object. ``Rejected`` by field."""
    body = await body_of(request, ARGUMENT_BYTES, seconds)
    if not body.strip():
        said: dict[str, Any] = {}
    else:
        media_type(request, JSON)
        said = object_of(body)
    try:
        return model.model_validate(said)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False)[0]
        raise Rejected(Fault.of(first["input"], "contract_says", joined(first["loc"]), why=first["msg"])) from None


def object_of(body: bytes) -> dict[str, Any]:
    """The JSON object of ``body``; ``Rejected`` where it is none."""
    try:
        said = _object.decode(body)
        if b"\\u0000" in body and _has_nul(said):
            raise Rejected(Fault.by("no_nul"))
        return said
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Rejected(Fault.by("body_no_object", why=error)) from None
    except RecursionError:
        raise Rejected(Fault.by("body_too_deep")) from None


def _has_nul(said: Any) -> bool:
    if isinstance(said, dict):
        return any(_has_nul(part) for pair in said.items() for part in pair)
    if isinstance(said, list):
        return any(_has_nul(part) for part in said)
    return isinstance(said, str) and "\x00" in said


CLOSE = {"connection": "close"}


def _too_large(length: str, most: int) -> Problem:
    message = Sentence("request_too_long", size=f"{length[:30]} bytes", most=most)
    return Problem("too_large", message, headers=CLOSE)


def documented_body(model: type[BaseModel]) -> dict[str, Any]:
    """``openapi_extra`` of a route whose body is a ``model``."""
    return {
        "requestBody": {
            "required": any(field.is_required() for field in model.model_fields.values()),
            "content": {"application/json": {"schema": model.model_json_schema()}},
        }
    }
