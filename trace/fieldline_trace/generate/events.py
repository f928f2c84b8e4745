"""A network as events, one JSON object a line: what firms would have sent."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
from fieldline_schemas.record import MADE
from fieldline_schemas.times import FOREVER

from fieldline_trace.generate.network import TIERS, Network


def site_key(drawn: Network, site: int) -> str:
    """The key of a site."""
    return f"{operator_key(drawn, site)} yard"


def operator_key(drawn: Network, site: int) -> str:
    """Who acts at a site."""
    tier = int(drawn.tier[site])
    return f"{TIERS[tier] if tier >= 0 else 'canal'}-{site}"


def batch_key(drawn: Network, batch: int) -> str:
    """The key of a batch."""
    lot = "~" if drawn.general[batch] else f"~T{batch}" if drawn.pool[batch] else f"L{batch}"
    return f"{operator_key(drawn, int(drawn.maker[batch]))}/p{drawn.product[batch]}/{lot}"


def events(drawn: Network, seed: int) -> Iterator[bytes]:
    """Every event as a line, in the order in which they come. ``seed``: told apart from events of other networks."""
    steps, encode = drawn.steps, msgspec.json.encode
    sites = [site_key(drawn, site) for site in range(len(drawn.tier))]
    operators = [operator_key(drawn, site) for site in range(len(drawn.tier))]
    for step in range(len(steps.event)):
        ins = steps.in_batch[steps.in_start[step] : steps.in_start[step + 1]].tolist()
        outs = steps.out_batch[steps.out_start[step] : steps.out_start[step + 1]].tolist()
        target = int(steps.out_site[steps.out_start[step]])
        taken, came = _text(*steps.times[step, :2].tolist()), _text(*steps.times[step, 2:].tolist())
        event: dict[str, object] = {"id": f"net-{seed}-{step}", "zone": "UTC"}
        if steps.shape[step] == MADE:
            event |= {"kind": "transformed", "operator": operators[target], "site": sites[target]}
            event |= {"at": came} if came else {}
            event["in_batches"] = [batch_key(drawn, batch) for batch in ins]
            event["out_batches"] = [batch_key(drawn, batch) for batch in outs]
        else:
            source = int(steps.in_site[steps.in_start[step]])
            event |= {"kind": "shipped", "operator": operators[source], "site": sites[source]}
            event |= {"at": taken} if taken else {}
            event |= {"to_site": sites[target], "to_operator": operators[target]}
            event |= {"arrived": came} if came else {}
            event["batches"] = [batch_key(drawn, batch) for batch in ins]
        yield encode(event) + b"\n"


def _text(lo: int, hi: int) -> str:
    """A time as people write it; empty where it is not said, and at most bounded by another."""
    if FOREVER in (-lo, hi):
        return ""
    moment = np.datetime64(lo, "us")
    return f"{moment.astype('datetime64[s]')}Z" if lo == hi else str(moment.astype("datetime64[M]"))
