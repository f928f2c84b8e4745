"""A page: which template, with what; and how templates are rendered."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from importlib.resources import files
from typing import Any, Final

from fastapi.responses import HTMLResponse
from fieldline_schemas.messages import speaking
from jinja2 import Environment, PackageLoader, StrictUndefined

from fieldline_trace.api.console.asking import Visit, address
from fieldline_trace.api.console.layout import shortened
from fieldline_trace.api.console.model import MARKS, site_name
from fieldline_trace.api.console.naming import alert_said, amount_said, event_said, ids_said, lot_said, product_said
from fieldline_trace.api.console.texts import COOKIE, text, word

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load: our own stylesheet and script, and nothing else."""
STATIC: Final = {"console.css": "text/css; charset=utf-8", "console.js": "text/javascript; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Page:
    """What a view gives back. ``wide`` pages have no bounds of width; ``plain`` ones no navigation."""

    template: str
    title: str
    said: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    plain: bool = False


@lru_cache(maxsize=8)
def static_file(name: str) -> bytes:
    """One of our own files."""
    return files(__package__).joinpath("static", name).read_bytes()


@lru_cache(maxsize=1)
def version() -> str:
    """Changes whenever a static file does: part of their address."""
    whole = b"".join(files(__package__).joinpath("static", name).read_bytes() for name in sorted(STATIC))
    return hashlib.sha256(whole).hexdigest()[:12]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("fieldline_trace.api.console", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "amount": amount_said, "told": alert_said, "site": site_name, "lot": lot_said, "product": product_said,
        "short": shortened, "named_event": event_said, "plain_ids": ids_said,
        "day": lambda at: (at or "")[:10], "minute": lambda at: (at or "")[:16].replace("T", " "),
        "n": lambda number: f"{number:,}",
    }  # fmt: skip
    return found


def rendered(visit: Visit, page: Page) -> HTMLResponse:
    """The answer that shows ``page``."""
    spoken = visit.spoken
    with speaking(spoken):
        html = (
            _environment()
            .get_template(page.template)
            .render(
                page.said,
                title=page.title,
                plain=page.plain,
                visit=visit,
                spoken=spoken,
                other="en" if spoken == "zh-CN" else "zh-CN",
                t=partial(_text, spoken),
                w=lambda part, name: word(part, str(name), spoken),
                url=partial(_url, visit),
                marks=MARKS,
                fresh=lambda: uuid.uuid4().urn,
                version=version(),
                token=visit.session.token,
            )
        )
    headers = {
        "content-security-policy": POLICY,
        "content-language": spoken,
        "vary": "cookie, accept-language",
        "cross-origin-opener-policy": "same-origin",
    }
    answer = HTMLResponse(html, page.status, headers)
    if visit.query("lang"):
        answer.set_cookie(COOKIE, spoken, max_age=365 * 86400, path="/", httponly=True, samesite="strict")
    return answer


def _text(spoken: Any, code: str, **arguments: Any) -> str:
    return text(code, spoken, **arguments)


def _url(visit: Visit, path: str, **parameters: Any) -> str:
    """An address on this console; the position that is looked at goes with it."""
    return address(path, {"at": visit.at, **parameters})
