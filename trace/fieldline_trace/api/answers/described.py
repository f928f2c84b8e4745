"""A description of lots, as it is asked about, and the lots that fit it now."""

from __future__ import annotations

from typing import Any

import numpy as np
from fieldline_schemas.kinds.scope_opened import ScopeOpened
from fieldline_schemas.messages import Sentence
from fieldline_schemas.whole import read_decoded
from pydantic import BaseModel, ConfigDict, Field

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.errors import Forbidden
from fieldline_trace.follow.fetch import fetch_names
from fieldline_trace.follow.names import Needs


class Description(BaseModel):
    """A description of lots; what fits later is in, too. Times are texts."""

    model_config = ConfigDict(extra="forbid")

    product: str | None = Field(default=None, description="Product, with its issuer or without.")
    operator: str | None = Field(default=None, description="Who issued the lot.")
    lot_from: str | None = Field(default=None, description="Least code, by its first characters.")
    lot_to: str | None = Field(default=None, description="Greatest code, by its first characters.")
    lot_has: list[str] = Field(default=[], description="The code has one of these in it.")
    produced_from: str | None = Field(default=None, description="Made then or later.")
    produced_to: str | None = Field(default=None, description="Made then or earlier.")
    expires_from: str | None = Field(default=None, description="Its shelf life ends then or later.")
    expires_to: str | None = Field(default=None, description="Its shelf life ends then or earlier.")
    site: str | None = Field(default=None, description="It lies or lay there.")
    batch: str | None = Field(default=None, description="It came of this batch, in any spelling.")


async def lots_described(desk: Desk, described: Description) -> list[tuple[int, int | None]]:
    """The lots that fit now, as seeds. ``Forbidden`` for whoever sees a part alone, since what fits lies anywhere;
    ``Fault`` where the description says nothing, or a time of it is none."""
    if desk.limits is not None:
        raise Forbidden(Sentence("description_beyond_area"))
    said: dict[str, Any] = described.model_dump(exclude_none=True, exclude_defaults=True)
    act = {"kind": "scope_opened", "matching": said, "hazard_class": "pathogen", "hazard": "any", "reason": "asked"}
    event = read_decoded(act)
    if not isinstance(event, ScopeOpened) or event.matching is None:
        raise TypeError("a scope_opened was read as something else")
    matching = event.matching
    nothing = np.empty(0, np.int64)
    keys = {matching.batch} if matching.batch else set()
    needs = Needs(nothing, nothing, nothing, keys, {matching.site} if matching.site else set())
    await fetch_names(desk.conn, desk.names, [needs])
    known = desk.world.catalogue.known()
    return [(batch, None) for batch in sorted(desk.world.predicates.fitting(matching, desk.names, known))]
