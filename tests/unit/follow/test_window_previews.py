"""A window that is only looked at leaves nothing behind: what entries do afterwards is what they would have done."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fieldline_schemas import fast
from fieldline_schemas.times import interval_of
from fieldline_trace.capture.rows import mentions_of
from fieldline_trace.follow.at_hand import Outcome
from fieldline_trace.follow.fetch import LedgerInMemory
from fieldline_trace.follow.names import Amount
from fieldline_trace.follow.stored import scope_row
from fieldline_trace.follow.windows import Window
from fieldline_trace.follow.world import World

from .test_windows import HAM, PLATTER, SALAD, TURKEY, amount, came, event, made, told
from .worlds import Told


def kitchen(one: Told, since: str, until: str) -> Window:
    site = one.names.site_number("kitchen")
    assert site is not None
    return Window(0, site, 0, 0, interval_of(since, "+00:00").lo, interval_of(until, "+00:00").hi)


def looked_at(one: Told, window: Window, amounts: dict[int, list[Amount]] | None = None) -> set[str]:
    """Batches that a preview finds at the window's site."""
    table = one.world.preview_window(window, "pathogen", amounts or {})[0].table
    here = table.batch[table.site == window.site]
    return {one.names.batch_key(batch) for batch in here.tolist()}


def all_amounts(one: Told) -> dict[int, list[Amount]]:
    """What stored events say of amounts, by batch."""
    found: dict[int, list[Amount]] = {}
    for number, stored in one.ledger.events.items():
        for batch, site, role, said, unit in mentions_of(fast.read(stored.body)):
            if said:
                one_said = (number, one.ledger.sites[site], role, Decimal(said), unit)
                found.setdefault(one.ledger.batches[batch], []).append(one_said)
    return found


def stored_scopes(outcomes: list[Outcome]) -> list[tuple[Any, ...]]:
    return [scope_row(version) for outcome in outcomes for version in outcome.scopes]


def followed(one: Told) -> list[Outcome]:
    """What a world that nobody asked anything makes of the same ledger."""
    world, view = World(), LedgerInMemory(one.ledger)
    return [world.apply(entry, view.prepare(world, entry)) for entry in one.ledger.entries]


def test_scopes_are_stored_as_if_nobody_had_looked_at_a_window() -> None:
    one = told(came(HAM, "2026-03-01"), came(TURKEY, "2026-03-02"))
    window = kitchen(one, "2026-03-01", "2026-03-03")
    counts = one.world.index.storage.counts.copy()
    for _ in range(2):
        assert looked_at(one, window) == {HAM, TURKEY}
        assert one.world.index.storage.counts.tolist() == counts.tolist()
    failed = {"kind": "tested", "id": "t1", "lab": "lab", "report": "R1", "batch": HAM, "verdict": "failed"}
    one.tell(
        made(PLATTER, "2026-03-03", HAM),
        made(SALAD, "2026-03-03", TURKEY, PLATTER),
        event("shipped", "2026-03-04", batches=[SALAD], to_site="ward"),
        ("lab", failed | {"hazard_class": "pathogen", "hazard": "Listeria"}),
    )
    rows = stored_scopes(one.outcomes)
    assert rows
    assert rows == stored_scopes(followed(one))


def test_amounts_that_a_preview_was_given_are_forgotten_with_it() -> None:
    one = told(
        came(HAM, "2026-03-01", "5"),
        event("shipped", "2026-03-02", batches=[amount(HAM, "5")], to_site="shop"),
        came(TURKEY, "2026-03-04"),
    )
    window = kitchen(one, "2026-03-03", "2026-03-05")
    assert looked_at(one, window, all_amounts(one)) == {TURKEY}
    assert looked_at(one, window) == {HAM, TURKEY}
