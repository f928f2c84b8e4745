"""Alerts, cut to what may be seen: whether one is shown, and which of its words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fieldline_schemas.messages import Language, Sentence, language
from pydantic import BaseModel

from fieldline_trace.api.answers.alerts import AlertArguments, AlertsArguments
from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.http.roles import Grant
from fieldline_trace.api.visible.levels import STATED
from fieldline_trace.api.visible.lineages import only
from fieldline_trace.api.visible.sight import WHY, Sight, sight_of
from fieldline_trace.api.visible.view import View, holdings_of
from fieldline_trace.errors import NotFound
from fieldline_trace.follow.stored import alert_versions
from fieldline_trace.risk.alerts import Arg, Finding
from fieldline_trace.risk.render import render
from fieldline_trace.store import Q

Said = dict[str, Any]
_FIELDS = (
    "id", "rule", "severity", "confidence", "sure", "standing", "historical", "version", "position", "raised",
    "changed", "state", "proposes", "clears",
)  # fmt: skip
_VERSION = ("version", "change", "position", "at", "reason")
"""Fields of alerts and their versions that name nobody."""
_OF_OTHERS = ("inputs",)
"""Lists of batches that evidence does not name: what something was made of."""
HIDDEN_NAME = "…"
"""In a sentence, in place of a name that may not be known."""
PLAIN = frozenset(
    {
        "count", "lab", "report", "sample", "hazard_class", "hazard", "method", "whole_lot", "confirmed", "results",
        "why", "was", "is", "by", "digests", "days", "value", "limit", "unit", "deadline", "standard", "clause",
        "product", "matched", "analyte", "limit_unit", "in_force", "decided_by", "date", "status", "units", "above_m",
        "above_most", "plan", "substance", "since", "what", "interval", "minutes", "greatest_minutes", "grams",
        "injured", "background", "chance", "false_alarms", "system", "rule", "alert", "greatest", "at_lab", "claim",
    }
)  # fmt: skip
"""Arguments of alerts that name no holding, operator or site of anyone but who is entitled to the alert itself."""
OF_ITS_MAKER = frozenset(("put_in", "made", "most"))
"""Arguments that say how much somebody works with: for those alone whose events say so."""
AT_A_SITE = frozenset(("INCOMING_UNVERIFIED", "CERTIFICATE_MISMATCH"))
"""Rules about what one firm did: whoever else has some of the goods has nothing to do with that."""
BY_LINEAGE = frozenset(("COMMON_SOURCE", "SHARED_ENVIRONMENT"))
"""Rules that name a source which their evidence does not: for those alone who have some of it."""
FOR_ADMINISTRATORS = frozenset(("RULE_FAILED",))
"""Rules whose alerts speak of fieldline itself."""


class AlertSight:
    """The verdict on some alerts, found out at once."""

    def __init__(self, sight: Sight, own_events: Mapping[int, str], holdings: Mapping[str, Sequence[str]]) -> None:
        self._sight = sight
        self._own = own_events
        """Number -> id of the events that may be named."""
        self._holdings = holdings
        """Batch -> sites of its holdings, and no site."""

    def evidence(self, finding: Finding) -> list[str]:
        """Ids of the events that a finding as it is shown cites."""
        return [self._own[number] for number in finding.evidence]

    def shown(self, finding: Finding) -> Finding | None:
        """The finding with what may be known of it; None where all of it is hidden."""
        if finding.rule in FOR_ADMINISTRATORS:
            return None
        mine = tuple(number for number in finding.evidence if number in self._own)
        if not self._is_told(finding, told=bool(mine)):
            return None
        everything = bool(mine) and len(mine) == len(finding.evidence) == finding.evidence_count
        args = {
            name: value if everything and name not in _OF_OTHERS else self._arg(name, finding)
            for name, value in finding.args.items()
        }
        return replace(
            finding,
            args=args,
            subject=finding.subject if everything else self._subject(finding, args),
            evidence=mine,
            evidence_count=len(mine),
        )

    def _is_told(self, finding: Finding, *, told: bool) -> bool:
        """Whether any of it may be known. ``told``: one of the events that it rests on may be."""
        batches = batches_of(finding)
        batch, site, to = (finding.args.get(name) for name in ("batch", "site", "to"))
        if finding.rule in AT_A_SITE:
            return told or any(self._is_at(one, site, None) for one in batches)
        if isinstance(batch, str) and isinstance(site, str):
            return self._is_at(batch, site, to)
        return (told and finding.rule not in BY_LINEAGE) or any(map(self._holds, batches))

    def _is_at(self, batch: Arg, site: Arg, to: Arg) -> bool:
        """Whether a gap is at a holding of one's own, or on the way to one."""
        return any(
            self._sight.level(batch, place) >= STATED
            for place in (site, to)
            if isinstance(batch, str) and isinstance(place, str)
        )

    def _holds(self, batch: str) -> bool:
        return any(self._sight.level(batch, site) >= STATED for site in self._holdings.get(batch, ()))

    def _seen(self, batch: str) -> bool:
        return any(self._sight.level(batch, site) for site in self._holdings.get(batch, ()))

    def _site(self, site: str, batches: Iterable[str]) -> str | None:
        return next((site for batch in batches if self._sight.site(batch, site) is not None), None)

    def _arg(self, name: str, finding: Finding) -> Arg:
        value = finding.args[name]
        if name in PLAIN:
            return value
        if name in OF_ITS_MAKER:
            return value if any(number in self._own for number in finding.evidence) else None
        if name in ("batches", *_OF_OTHERS) and isinstance(value, list):
            return [batch for batch in value if self._seen(batch)]
        if name == "batch" and isinstance(value, str):
            return value if self._seen(value) else None
        if name in ("site", "to") and isinstance(value, str):
            return self._site(value, batches_of(finding)) or (value if name == "to" and self._seen(value) else None)
        if name == "sender" and any(number in self._own for number in finding.evidence):
            return value
        return None

    def _subject(self, finding: Finding, args: Mapping[str, Arg]) -> str:
        """The subject in the words that are left."""
        if isinstance(finding.args.get("batch"), str):
            if "site" not in args:
                return str(args["batch"] or HIDDEN_NAME)
            return f"{args['batch'] or HIDDEN_NAME} at {args.get('site') or HIDDEN_NAME}"
        if "sender" in finding.args:
            return finding.subject if args["sender"] is not None else HIDDEN_NAME
        shown = [batch for batch in batches_of(finding) if self._seen(batch)]
        return ", ".join(shown) or HIDDEN_NAME


def batches_of(finding: Finding) -> list[str]:
    """Keys of the batches that a finding is about."""
    said = finding.args.get("batches", finding.args.get("batch"))
    if isinstance(said, str):
        return [said]
    if isinstance(said, list):
        return said
    # Joined with commas, which a lot may hold too: then it names none that is known, and shows nothing.
    return finding.subject.split(", ") if "sender" not in finding.args else []


async def alert_sight(desk: Desk, view: View, grant: Grant, findings: Sequence[Finding]) -> AlertSight:
    """Find out about ``findings``."""
    keys = sorted({batch for finding in findings for batch in (*batches_of(finding), *_products(finding))})
    names = desk.names
    holdings: dict[str, list[str]] = {}
    for key, number in (await _numbers(desk, keys)).items():
        if desk.knows(number):
            holdings[key] = ["", *(names.site_key(site) for _, site in holdings_of(desk, [number]))]
    places = {(batch, site) for batch, sites in holdings.items() for site in sites}
    for finding in findings:
        at = [finding.args.get("site"), finding.args.get("to")]
        places |= {(batch, site) for batch in batches_of(finding) for site in at if isinstance(site, str)}
    events = await desk.events(number for finding in findings for number in finding.evidence)
    verdicts = await view.events(events.values())
    own = {number: events[number]["id"] for number, shown in zip(events, verdicts, strict=True) if shown}
    return AlertSight(await sight_of(desk, view, grant, places), own, holdings)


def _products(finding: Finding) -> list[str]:
    """What a batch was made into, or of, where the finding names that."""
    to, inputs = finding.args.get("to"), finding.args.get("inputs")
    return [
        *([to] if isinstance(to, str) and to.count("/") >= 2 else []),
        *(inputs if isinstance(inputs, list) else []),
    ]


async def _numbers(desk: Desk, keys: list[str]) -> dict[str, int]:
    rows = await desk.conn.fetch(Q["keys_batch"], keys) if keys else []
    return {row["key"]: row["number"] for row in rows}


def sentence(finding: Finding, spoken: Language) -> str:
    """The finding as a sentence, what is hidden left out visibly."""
    args: dict[str, Arg] = {name: HIDDEN_NAME if value is None else value for name, value in finding.args.items()}
    return render(replace(finding, args=args), spoken)


async def cut_alerts(desk: Desk, view: View, grant: Grant, asked: BaseModel, said: Said) -> Said:
    """Those about one's own holdings, or resting on one's own events."""
    assert isinstance(asked, AlertsArguments)
    alerts = [desk.world.alerts[one["id"]].finding for one in said["alerts"]]
    withdrawn = [alert.finding for alert in desk.world.alerts.values() if not alert.standing]
    sight = await alert_sight(desk, view, grant, [*alerts, *withdrawn])
    shown = [
        alert_shown(one, finding, sight, (asked.language or language()))
        for one, alert in zip(said["alerts"], alerts, strict=True)
        if (finding := sight.shown(alert)) is not None
    ]
    return {
        "position": said["position"],
        "alerts": shown,
        "withdrawn": sum(sight.shown(finding) is not None for finding in withdrawn),
        "cut": {"members": None, "why": WHY[grant]},
    }


async def cut_alert(desk: Desk, view: View, grant: Grant, asked: BaseModel, said: Said) -> Said:
    """One alert and its versions, if it may be seen: each version in the words that may be known of it."""
    assert isinstance(asked, AlertArguments)
    alert = desk.world.alerts[asked.alert]
    versions = {one.version: one.finding for one in await alert_versions(desk.conn, alert.id)}
    sight = await alert_sight(desk, view, grant, [alert.finding, *versions.values()])
    shown = sight.shown(alert.finding)
    if shown is None:
        raise NotFound(Sentence("alert_not_known", text=repr(asked.alert)))
    told = []
    for one in said["versions"]:
        finding = sight.shown(versions[one["version"]])
        if finding is not None:
            cause = one["cause"] if one["cause"] in sight.evidence(finding) else None
            told.append(
                {**only(one, _VERSION), "text": sentence(finding, (asked.language or language())), "cause": cause}
            )
    return {
        "position": said["position"],
        "alert": alert_shown(said["alert"], shown, sight, (asked.language or language())),
        "versions": told,
        "cut": {"members": None, "why": WHY[grant]},
    }


def alert_shown(said: Mapping[str, Any], finding: Finding, sight: AlertSight, spoken: Language) -> Said:
    """One alert as an answer says it, in the words of ``finding``, which is as it is shown."""
    return {
        **only(said, _FIELDS),
        "subject": finding.subject,
        "text": sentence(finding, spoken),
        "evidence": sight.evidence(finding),
        "evidence_count": finding.evidence_count,
        "args": finding.args,
    }
