"""A visit to a page: who comes, for which position, in which language, and the answers it gets.

Answers come from the same port as those of the HTTP door, for the same caller, so they are cut alike before anything
is counted or drawn, and readings of others' data are written down alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.requests import Request
from fieldline_schemas.messages import Language, language, language_of
from fieldline_schemas.times import instant

from fieldline_trace.api.access_log import AccessLog
from fieldline_trace.api.caller import PUBLIC, Caller
from fieldline_trace.api.console.naming import product_said
from fieldline_trace.api.console.session import Session
from fieldline_trace.api.console.texts import COOKIE
from fieldline_trace.api.http.problems import rejected
from fieldline_trace.api.http.roles import Grant, grant
from fieldline_trace.api.moments import OF_A_POSITION
from fieldline_trace.api.ports import NOW, Moment, Ports
from fieldline_trace.errors import Forbidden, NotFound

_SUBJECTS = ("batch", "batches", "scope", "alert", "rejected", "pseudonym", "site")
"""Arguments that say what was read about, for the access log."""


NAMED = 16
"""Batches that a page asks the printed numbers of, beside what its answers say."""
_OPAQUE = re.compile(r"/-?\d{6,}$")
"""A lot that some system numbered: people know the printed one."""


@dataclass(slots=True)
class Visit:
    """One request of somebody."""

    request: Request
    door: FastAPI
    ports: Ports
    access: AccessLog
    session: Session
    spoken: Language
    at: int | None = None
    """The position that is asked for; None is the present."""
    position: int = 0
    """That of the first answer that was given; 0 before."""
    as_of: str = ""
    readings: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    """What was read of others for this visit: question, subject, whose."""

    @classmethod
    def of(cls, request: Request, door: FastAPI, session: Session) -> Visit:
        """The visit of ``request``. ``Rejected`` where its position is none."""
        said = request.query_params.get("at", "")
        if said and (not said.isascii() or not said.isdecimal() or len(said) > 18):
            raise rejected("at", said, "position_text")
        state = door.state
        at = int(said) if said else None
        return cls(request, door, state.ports, state.access, session, spoken_by(request), at)

    @property
    def caller(self) -> Caller:
        """Who asks."""
        return self.session.caller

    @property
    def known(self) -> bool:
        """Whether somebody is logged in."""
        return self.caller is not PUBLIC

    def may(self, operation: str) -> bool:
        """Whether the caller's role gets anything of an operation."""
        return grant(operation, self.caller.role) is not Grant.NONE

    async def ask(self, question: str, **arguments: Any) -> dict[str, Any]:
        """The answer. ``Forbidden`` where the role may not ask, ``NotFound`` for what it may not see."""
        said = {name: value for name, value in arguments.items() if value is not None}
        moment = Moment(position=self.at) if self.at is not None and question in OF_A_POSITION else NOW
        found = await self.ports.answers.answer(question, said, self.caller, moment)
        named = [said[name] for name in _SUBJECTS if name in said]
        subject = ", ".join(str(one) for value in named for one in (value if isinstance(value, list) else [value]))
        self.readings.append((question.replace(" ", "_"), subject, found.whose))
        await self.access.seen(self.caller, *self.readings[-1])
        if not self.position:
            self.position, self.as_of = found.position, instant(found.as_of) if found.as_of else ""
        return found.said

    async def ask_if(self, question: str, **arguments: Any) -> dict[str, Any] | None:
        """The answer; None where the role gets none, or there is nothing to be seen."""
        if not self.may(question.replace(" ", "_")):
            return None
        try:
            return await self.ask(question, **arguments)
        except (Forbidden, NotFound):
            return None

    async def names_of(self, keys: Iterable[str | None]) -> dict[str, str]:
        """Printed number and product of batches whose key alone says nothing to people; at most ``NAMED``."""
        found: dict[str, str] = {}
        opaque = [key for key in dict.fromkeys(keys) if key and key.count("/") >= 2 and _OPAQUE.search(key)]
        for key in opaque[:NAMED]:
            said = await self.ask_if("batch", batch=key)
            if said and said["labels"]:
                found[key] = f"{', '.join(said['labels'])} {product_said(key)}"
        return found

    def query(self, name: str) -> str:
        """A parameter of the address, empty where it is not there."""
        return self.request.query_params.get(name, "")

    def here(self, **changed: Any) -> str:
        """The address of this page with some parameters changed; None takes one away."""
        kept = {name: value for name, value in self.request.query_params.items() if name not in ("done", "lang")}
        return address(self.request.url.path, kept | changed)


def address(path: str, parameters: Mapping[str, Any]) -> str:
    """A path with its parameters, less those that say nothing."""
    said = [(name, value) for name, value in parameters.items() if value not in (None, "", False)]
    return f"{path}?{urlencode(said)}" if said else path


def spoken_by(request: Request) -> Language:
    """The language of a page: as the address says, else as it was chosen before, else as the browser likes best."""
    for said in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if said and (found := language_of(said)):
            return found
    return language()
