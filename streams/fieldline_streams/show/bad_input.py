"""Bad input of many kinds among good events: each is refused by field and rule, kept, and the rest goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fieldline_trace.settings import Settings
from rich.console import Console

from fieldline_streams.cli.views import table
from fieldline_streams.embedded.runtime import opened
from fieldline_streams.show.figures import Figure, equal

KINDS_AT_LEAST = 40


LEAF = "hof-1/leaf/L1"


def good(number: int) -> bytes:
    """An event that is right."""
    return _raw(id=f"urn:good:{number}", out_batch=f"hof-1/leaf/G{number}")


def _raw(**fields: Any) -> bytes:
    event = {
        "kind": "harvested",
        "operator": "hof-1",
        "site": "field 1",
        "at": "2026-03-01",
        "out_batch": "hof-1/leaf/L1",
    }
    return json.dumps({name: value for name, value in {**event, **fields}.items() if value != "…left out…"}).encode()


def _tested(**fields: Any) -> bytes:
    event = {
        "kind": "tested", "batch": "hof-1/leaf/L1", "lab": "lab-1", "report": "R1", "hazard_class": "pathogen",
        "hazard": "Salmonella", "verdict": "failed",
    }  # fmt: skip
    return json.dumps({name: value for name, value in {**event, **fields}.items() if value != "…left out…"}).encode()


OUT = "…left out…"
BAD: tuple[tuple[str, bytes], ...] = (
    ("no JSON", b"hello"),
    ("JSON cut off", _raw()[:-7]),
    ("two objects in one", _raw() + b" " + _raw()),
    ("a number", b"42"),
    ("a list", b"[]"),
    ("a text", b'"harvested"'),
    ("null", b"null"),
    ("an empty object", b"{}"),
    ("bytes that are no UTF-8", _raw().replace(b"field 1", b"field \xff")),
    ("UTF-16", _raw().decode().encode("utf-16")),
    ("NaN for a quantity", _raw(out_batch={"batch": LEAF, "quantity": 1, "unit": "kg"}).replace(b": 1,", b": NaN,")),
    ("a field given twice", _raw().replace(b'"site"', b'"operator": "hof-2", "site"')),
    ("nested 100,000 deep", b'{"x-deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    ("larger than an event may be", _raw(**{"x-filler": "x" * 1_100_000})),
    ("no kind", _raw(kind=OUT)),
    ("a kind that there is not", _raw(kind="teleported")),
    ("a kind that is a number", _raw(kind=7)),
    ("a version that is a text", _raw(version="one")),
    ("version 0", _raw(version=0)),
    ("an id of a line break", _raw(id="a\nb")),
    ("an id of 300 characters", _raw(id="x" * 300)),
    ("no operator", _raw(operator=OUT)),
    ("no site", _raw(site=OUT)),
    ("an unknown field", _raw(colour="green")),
    ("no batch", _raw(out_batch=OUT)),
    ("a batch that is a number", _raw(out_batch=12)),
    ("a batch without a lot", _raw(out_batch="hof-1/leaf")),
    ("a batch with a part too many", _raw(out_batch="hof-1/leaf/L1/2")),
    ("a batch with an empty part", _raw(out_batch="hof-1//L1")),
    ("a batch of control characters", _raw(out_batch="hof-1/leaf/L\u0007")),
    ("a GTIN with a wrong check digit", _raw(out_batch="(01)09506000134353(10)B7")),
    ("a GTIN of 13 letters", _raw(out_batch={"gtin": "ABCDEFGHIJKLM", "lot": "B7"})),
    ("a lot with no GTIN", _raw(out_batch={"lot": "B7"})),
    ("a GLN with a wrong check digit", _raw(site="(414)4012345000017")),
    ("a quantity below zero", _raw(out_batch={"batch": LEAF, "quantity": -5, "unit": "kg"})),
    ("a quantity of zero", _raw(out_batch={"batch": LEAF, "quantity": 0, "unit": "kg"})),
    ("a quantity that is a word", _raw(out_batch={"batch": LEAF, "quantity": "many", "unit": "kg"})),
    ("a quantity without its unit", _raw(out_batch={"batch": LEAF, "quantity": 5})),
    ("a unit that there is not", _raw(out_batch={"batch": LEAF, "quantity": 5, "unit": "stone-ish"})),
    ("a day that there is not", _raw(at="2026-02-30")),
    ("a date the other way round", _raw(at="01.03.2026")),
    ("a time with an hour 25", _raw(at="2026-03-01T25:00:00Z")),
    ("an interval that ends before it begins", _raw(at={"from": "2026-03-02", "to": "2026-03-01"})),
    ("a zone that there is not", _raw(zone="Mars/Olympus")),
    ("an administrative code of letters", _raw(grid_unit="ABCDEF")),
    ("a shipment of nothing", _raw(kind="shipped", out_batch=OUT, batches=[])),
    ("a transformation without batches", _raw(kind="transformed", out_batch=OUT, in_batches=[], out_batches=[])),
    ("a hazard class that there is not", _tested(hazard_class="spooky")),
    ("a verdict that there is not", _tested(verdict="maybe")),
    ("a test of nothing", _tested(batch=OUT)),
    ("a report that supersedes itself", _tested(supersedes="R1")),
    ("one batch that is the same", b'{"kind": "same_batch", "batches": ["hof-1/leaf/L1"]}'),
    ("a correction without its target", b'{"kind": "corrected", "action": "withdraw", "reason": "typed wrongly"}'),
    ("a replacement by nothing", b'{"kind": "corrected", "target": {"id": "a"}, "action": "replace", "reason": "r"}'),
    ("an act by a role that may not", b'{"kind": "scope_opened", "scope": "scope-1", "reason": "because"}'),
    ("a tick of the clock by a producer", b'{"kind": "clock_ticked", "at": "2026-03-01T00:00:00Z"}'),
)  # fmt: skip
"""What is wrong, and the bytes."""


async def show(folder: Path, console: Console) -> list[Figure]:
    """Good and bad events in turn, in one request."""
    raws = [raw for number, (_, bad) in enumerate(BAD) for raw in (good(number), bad)] + [good(len(BAD))]
    async with opened(Settings(data_dir=folder / "data", database_url=None)) as runtime:
        receipts = await runtime.hand_in(raws, sender="hof-1", role="producer")
        kept = (await runtime.ask("rejected list", {"limit": 1000}))["rejected"]
        verified = (await runtime.ask("verify", {}))["ok"]
    refused = receipts[1::2]
    rows = [
        (name, receipt["outcome"], receipt.get("field", ""), receipt.get("value", "")[:40], receipt.get("rule", ""))
        for (name, _), receipt in zip(BAD, refused, strict=True)
    ]
    console.print(table(("what is wrong", "got", "field", "value", "rule"), rows))
    taken = sum(receipt["outcome"] == "accepted" for receipt in receipts[::2])
    return [
        Figure("kinds of bad input", len(BAD), "kinds", f"at least {KINDS_AT_LEAST}", len(BAD) >= KINDS_AT_LEAST),
        equal("refused", sum(receipt["outcome"] == "refused" for receipt in refused), "events", len(BAD)),
        equal(
            "of these named by their rule", sum(bool(receipt.get("rule")) for receipt in refused), "events", len(BAD)
        ),
        equal("kept to mend", len(kept), "events", len(BAD)),
        equal("good events between them taken", taken, "events", len(BAD) + 1),
        equal("chain of hashes whole", "yes" if verified else "no", "", "yes"),
        *(
            Figure(f"bad input: {name}", f"{outcome}: {field}: {rule}", "", listed=False)
            for name, outcome, field, _, rule in rows
        ),
    ]
