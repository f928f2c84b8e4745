"""Where each question is asked."""

from __future__ import annotations

from typing import Final

from fieldline_trace.api.http.declared import QuestionRoute

HEARTBEAT_SECONDS: Final = 15
"""How often a reader of the feed hears of us where there is nothing to tell."""
ROUTES: tuple[QuestionRoute, ...] = (
    QuestionRoute("trace", "GET", "/v1/trace"),
    QuestionRoute("sources", "GET", "/v1/sources"),
    QuestionRoute("why", "GET", "/v1/why"),
    QuestionRoute("paths", "GET", "/v1/paths"),
    QuestionRoute("accountable", "GET", "/v1/accountable"),
    QuestionRoute("dead ends", "GET", "/v1/dead-ends"),
    QuestionRoute("hypothesis", "GET", "/v1/hypothesis"),
    QuestionRoute("present", "GET", "/v1/present"),
    QuestionRoute("span", "GET", "/v1/span"),
    QuestionRoute("proof", "GET", "/v1/proof"),
    QuestionRoute("areas", "GET", "/v1/areas"),
    QuestionRoute("balance", "GET", "/v1/balance"),
    QuestionRoute("share", "GET", "/v1/share"),
    QuestionRoute("steps", "GET", "/v1/steps"),
    QuestionRoute("story", "GET", "/v1/story"),
    QuestionRoute("reference", "GET", "/v1/reference"),
    QuestionRoute("risk", "GET", "/v1/risk"),
    QuestionRoute("score", "GET", "/v1/score"),
    QuestionRoute("contacts", "GET", "/v1/contacts"),
    QuestionRoute("event", "GET", "/v1/event"),
    QuestionRoute("activity", "GET", "/v1/activity"),
    QuestionRoute("batch", "GET", "/v1/batch"),
    QuestionRoute("name", "GET", "/v1/name"),
    QuestionRoute("alerts", "GET", "/v1/alerts"),
    QuestionRoute("alert show", "GET", "/v1/alerts/{alert}"),
    QuestionRoute("notices", "GET", "/v1/notices"),
    QuestionRoute("scope list", "GET", "/v1/scopes"),
    QuestionRoute("scope show", "GET", "/v1/scope"),
    QuestionRoute("scope preview", "POST", "/v1/scopes/preview"),
    QuestionRoute("scope diff", "GET", "/v1/scopes/{scope}/diff"),
    QuestionRoute("scope consignees", "GET", "/v1/scopes/{scope}/consignees"),
    QuestionRoute("scope progress", "GET", "/v1/scopes/{scope}/progress"),
    QuestionRoute("scope versions", "GET", "/v1/scopes/{scope}/versions"),
    QuestionRoute("scope export", "GET", "/v1/scopes/{scope}/export"),
    QuestionRoute("scope events", "GET", "/v1/scopes/{scope}/events"),
    QuestionRoute("scope network", "GET", "/v1/scopes/{scope}/network"),
    QuestionRoute("incident list", "GET", "/v1/incidents"),
    QuestionRoute("incident show", "GET", "/v1/incidents/{incident}"),
    QuestionRoute("rejected list", "GET", "/v1/rejected"),
    QuestionRoute("rejected show", "GET", "/v1/rejected/{rejected}"),
    QuestionRoute("rejected mend", "POST", "/v1/rejected/{rejected}/mend"),
    QuestionRoute("rejected replay", "POST", "/v1/rejected/replay"),
    QuestionRoute("rejected dismiss", "POST", "/v1/rejected/dismiss"),
    QuestionRoute("person show", "GET", "/v1/persons/{pseudonym}"),
    QuestionRoute("person erase", "POST", "/v1/persons/{pseudonym}/erase"),
    QuestionRoute("checkpoint", "GET", "/v1/checkpoint"),
    QuestionRoute("verify", "POST", "/v1/verify"),
    QuestionRoute("rebuild", "POST", "/v1/rebuild"),
)
"""Every question that is asked over HTTP. The server and the command line read nothing else."""
