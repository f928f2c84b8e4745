"""SCOPE_GREW: what comes into a scope after it was closed is an alert; what was in it is none."""

from __future__ import annotations

from fieldline_trace.risk.render import render
from fieldline_trace.risk.rules.scope_grew import scope_grew


def test_a_closed_scope_that_grew_is_one_alert_that_cites_what_brought_members_in() -> None:
    [found] = scope_grew("scope-1", [(7, 70), (3, 30), (7, 70)])
    assert (found.severity, found.subject, found.evidence) == ("hold", "scope-1", (30, 70))
    assert render(found) == "scope-1 was closed, and 3 members have come into it since"


def test_a_closed_scope_that_did_not_grow_is_none() -> None:
    assert list(scope_grew("scope-1", [])) == []
