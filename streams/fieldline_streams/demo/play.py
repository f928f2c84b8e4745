"""Plays both outbreaks on a service of its own, shows each answer as the command line would, and holds it to the known
one."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from fieldline_trace.errors import FieldlineError
from fieldline_trace.formats import epcis, sheet
from fieldline_trace.store import EmbeddedPostgres
from rich.console import Console
from rich.rule import Rule

from fieldline_streams.cli import views
from fieldline_streams.demo import doors, greens, sprouts
from fieldline_streams.demo.told import Event
from fieldline_streams.embedded.directory import Service
from fieldline_streams.gateway import HttpGateway
from fieldline_streams.show.process import ServeProcess

DIRECTORY = ".demo"


class NotTheKnownAnswer(Exception):
    """An answer differs from the known one."""


class Play:
    """One performance: events in, answers out, each held to what is known."""

    def __init__(self, found: HttpGateway, address: str, console: Console, events: Path) -> None:
        self.found = found
        self.address = address
        self.console = console
        self._events = events

    def title(self, text: str, *lines: str) -> None:
        """What comes next, and what there is to see."""
        self.console.print()
        self.console.print(Rule(f"[bold]{text}[/]", align="left"))
        for line in lines:
            self.console.print(line, markup=False)

    def file(self, name: str, text: str) -> Path:
        """Write a file of the demo's events, to look at and to hand in again."""
        self._events.mkdir(parents=True, exist_ok=True)
        path = self._events / name
        path.write_text(text, encoding="utf-8", newline="")
        return path

    async def say(
        self, name: str, events: Iterable[Event], *, sender: str = "demo", role: str = "producer"
    ) -> list[dict[str, Any]]:
        """Hand events in; they are also written to a file of that name."""
        raws = [json.dumps(event, ensure_ascii=False).encode() for event in events]
        self.file(f"{name}.ndjson", "\n".join(raw.decode() for raw in raws) + "\n")
        receipts = await self.found.hand_in(raws, sender=sender, role=role)
        outcomes = {
            outcome: sum(receipt["outcome"] == outcome for receipt in receipts) for outcome in ("accepted", "repeated")
        }
        self.hold(f"{name}: all taken", sum(outcomes.values()), len(raws))
        self.console.print(
            f"  {name}: {outcomes['accepted']} events accepted, {outcomes['repeated']} repeated", style="dim"
        )
        return receipts

    async def ask(self, question: str, **arguments: Any) -> dict[str, Any]:
        """An answer."""
        return await self.found.ask(question, arguments)

    def hold(self, what: str, found: Any, known: Any) -> None:
        """``NotTheKnownAnswer`` where ``found`` is not what is known."""
        if found != known:
            raise NotTheKnownAnswer(f"{what}: {found!r}, known is {known!r}")


async def play(found: HttpGateway, address: str, console: Console, directory: Path, now: datetime) -> None:
    """Both outbreaks, one after the other; ``address``: where the service's door is."""
    stage = Play(found, address, console, directory / "events")
    await play_sprouts(stage)
    await play_greens(stage, greens.Days(now.date()))


async def play_sprouts(stage: Play) -> None:
    """O104:H4, 2011: clusters traced back until they meet in one lot of seed, whose every sample was negative."""
    stage.title(
        "STEC O104:H4, 2011",
        "2,987 cases of STEC, 855 of HUS, 53 deaths. What is invented here is marked x-illustrative in each event.",
        "First come the cases, the meals, the sprouts, and the seed as far as it was known in Germany.",
    )
    await stage.say("o104-cases", sprouts.cases())
    await stage.say("o104-meals", sprouts.meals() + sprouts.wrong_note())
    await stage.say("o104-sprouts", sprouts.sprouts())
    await stage.say("o104-seeds", sprouts.seeds())
    await stage.say("o104-samples", sprouts.samples(), sender="lab-de", role="laboratory")
    await stage.say("o104-sprouts-again", sprouts.sprouts())
    answer = await stage.ask("sources", cases=True)
    views.sources(stage.console, answer, limit=6)
    best = answer["sources"][0]
    stage.hold("share explained at first", round(best["share"], 3), round(5 / 6, 3))
    stage.hold("what is left unexplained", best["unexplained"], [sprouts.FRENCH])

    stage.title(
        "Late: how the seed had reached France",
        "The guests at Bègles had never seen those sprouts. Late come the papers of a seed company in the UK.",
    )
    await stage.say("o104-late", sprouts.late())
    answer = await stage.ask("sources", cases=True)
    views.sources(stage.console, answer, limit=4)
    starts = [source["lot"] for source in answer["sources"] if source["share"] == 1 and source["raw"]]
    stage.hold("the one start that explains every cluster", starts, ["48088"])
    stage.hold(
        "all lots that explain every cluster",
        sorted(source["lot"] for source in answer["sources"] if source["share"] == 1),
        ["48088", "6832"],
    )
    stage.console.print("All six meet in seed lot 48088, relabelled 6832, and nowhere else.")
    batch = await stage.ask("batch", batch="48088")
    stage.hold("samples of lot 48088", [event["kind"] for event in batch["events"]].count("tested"), 1)
    alerts = await stage.ask("alerts", rule="TEST_FAILED")
    stage.hold("failed tests", alerts["alerts"], [])
    stage.console.print("Every sample was negative, and no alert was raised: what was eaten leads there all the same.")

    trace = await stage.ask("trace", batch="48088", direction="forward")
    stage.title(f"Where lot 48088 went: {len(trace['members'])} holdings at {len(trace['sites'])} sites")
    views.trace(stage.console, trace, short=12)
    stage.hold(
        "clusters reached by lot 48088",
        sorted({*sprouts.CLUSTERS, sprouts.FRENCH} - {site["site"] for site in trace["sites"]}),
        [],
    )


async def play_greens(stage: Play, days: greens.Days) -> None:
    """A failed market sample, its scope, what a late event adds, and what a correction no longer supports."""
    stage.title(
        "A market sample fails", "Leafy vegetables, from a cooperative to school canteens. All of it is illustrative."
    )
    await play_doors(stage, days)
    await stage.say("greens-chain", greens.chain(days))
    laboratory = await _key(stage, doors.LABORATORY)
    began = time.perf_counter()
    await _called(stage, laboratory, greens.sample(days))
    alerts = await stage.ask("alerts", rule="TEST_FAILED")
    alerted = time.perf_counter()
    scopes = await stage.ask("scope list", status="draft")
    (scope,) = [scope for scope in scopes["scopes"] if scope["lot"] == greens.FAILED]
    shown = await stage.ask("scope show", scope=scope["scope"])
    scoped = time.perf_counter()
    views.alerts(stage.console, alerts)
    views.scope(stage.console, shown)
    stage.hold("alerts of failed tests", len(alerts["alerts"]), 1)
    stage.hold("who holds the failed lot or what was made of it", _holders(shown), {
        (greens.FAILED, greens.COOPERATIVE), (greens.FAILED, greens.MARKET), (greens.FAILED, greens.KITCHEN),
        (greens.WASHED, greens.KITCHEN), (greens.WASHED, greens.SCHOOLS[0]), (greens.WASHED, greens.SCHOOLS[1]),
        *((f"school-{number}/lunch/{days.ago(2)}", greens.SCHOOLS[number - 1]) for number in (1, 2)),
    })  # fmt: skip
    stage.hold("suspect sources", _suspects(shown), {greens.PLOTS[0], greens.PLOTS[1]})
    stage.console.print(
        f"From report to alert {1000 * (alerted - began):.0f} ms, to scope {1000 * (scoped - began):.0f} ms."
    )
    consignees = await stage.ask("scope consignees", scope=scope["scope"])
    stage.title("Whom to call")
    views.consignees(stage.console, consignees)
    got = {
        consignee["site"]: lot["quantity"]
        for consignee in consignees["consignees"]
        for lot in consignee["lots"]
        if lot["batch"] == greens.WASHED
    }
    stage.hold(
        "washed greens at the schools",
        {site: got.get(site) for site in greens.SCHOOLS[:2]},
        dict.fromkeys(greens.SCHOOLS[:2], "40"),
    )

    stage.title("The scope is opened; then a delivery is reported late", "From now on nothing leaves it by itself.")
    await _act(
        stage,
        "greens-opened",
        {"kind": "scope_opened", "scope": scope["scope"], "reason": "chlorpyrifos above its limit"},
    )
    await stage.say("greens-late", [greens.late_shipment(days)])
    shown = await stage.ask("scope show", scope=scope["scope"])
    stage.hold("the scope's status", shown["status"], "open")
    stage.hold("a third school is in it", (greens.WASHED, greens.SCHOOLS[2]) in _holders(shown), True)
    diff = await stage.ask("scope diff", scope=scope["scope"])
    views.diff(stage.console, diff)
    stage.hold(
        "added by the late delivery",
        [(change["kind"], change["site"]) for change in diff["changes"]],
        [("added", greens.SCHOOLS[2])],
    )

    stage.title(
        "A correction",
        "School 2 says that its lunch was made of other greens. The scope no longer has support for it, and keeps it.",
    )
    lunch = f"school-2/lunch/{days.ago(2)}"
    await stage.say("greens-correction", [greens.correction(days)])
    shown = await stage.ask("scope show", scope=scope["scope"])
    (member,) = [member for member in shown["members"] if member["batch"] == lunch]
    stage.hold("the lunch is unsupported and still held", (member["state"], member["held"]), ("unsupported", True))
    diff = await stage.ask("scope diff", scope=scope["scope"])
    views.diff(stage.console, diff)
    stage.hold(
        "why", [(change["kind"], change["reason"]) for change in diff["changes"]], [("reclassified", "correction")]
    )

    stage.title("The emergency role releases it, and scope diff says why")
    await _act(
        stage, "greens-released",
        {"kind": "member_released", "scope": scope["scope"], "batch": lunch, "site": greens.SCHOOLS[1],
         "reason": "kitchen book seen"},
    )  # fmt: skip
    shown = await stage.ask("scope show", scope=scope["scope"])
    stage.hold("the lunch has left", lunch in {member["batch"] for member in shown["members"]}, False)
    diff = await stage.ask("scope diff", scope=scope["scope"])
    views.diff(stage.console, diff)
    stage.hold(
        "what left, and why",
        [(change["kind"], change["batch"], change["reason"]) for change in diff["changes"]],
        [("removed", lunch, "act")],
    )
    trace = await stage.ask("trace", batch=doors.PALLET, direction="forward")
    stage.title("Where the pallet of dressing went", "Shipped as a unit, unpacked at the depot, eaten at two schools.")
    views.trace(stage.console, trace)
    eaten = {member["batch"] for member in trace["members"]}
    stage.hold("the pallet's dressing is in lunch 1", f"school-1/lunch/{days.ago(2)}" in eaten, True)
    await play_district(stage)
    verified = await stage.ask("verify")
    stage.hold("the ledger is whole", verified["ok"], True)


async def play_doors(stage: Play, days: greens.Days) -> None:
    """A spreadsheet and an EPCIS document, read into events; the pallet that the document tells of is traced."""
    path = stage.file("harvests.csv", doors.harvests(days))
    sheets = sheet.events_of(sheet.read(path.read_bytes(), path.name))
    stage.hold("what of the spreadsheet was refused", sheets.refused, [])
    await stage.say("greens-harvests", [told.event for told in sheets.told], sender="coop")
    path = stage.file("dressing.jsonld", doors.dressing(days))
    document = epcis.events_of(epcis.read(path.read_bytes()))
    stage.hold("what of the EPCIS document was refused", document.refused, [])
    await stage.say("greens-dressing", document.events, sender="factory")
    await stage.say("greens-deliveries", doors.deliveries(days), sender="depot")


async def _called(stage: Play, key: str, events: list[Event]) -> None:
    """Hand in by a call of HTTP, with a key of one's own, as a program of the laboratory's would."""
    async with httpx.AsyncClient(base_url=stage.address, trust_env=False) as client:
        answer = await client.post("/v1/events", json=events, headers={"authorization": f"Bearer {key}"})
    stage.hold("POST /v1/events", answer.status_code, 202)
    outcomes = [receipt["outcome"] for receipt in answer.json()["receipts"]]
    stage.hold("receipts", outcomes, ["accepted"] * len(events))
    stage.console.print(f"  POST /v1/events: {len(events)} events accepted", style="dim")


async def _key(stage: Play, whose: dict[str, str]) -> str:
    return str((await stage.found.call("POST", "/v1/keys", body=whose))["key"])


async def play_district(stage: Play) -> None:
    """What the officer of one district sees of it all: what lies there, and that there is more."""
    stage.title(
        "What one district may see",
        f"The officer's key opens to {doors.DISTRICT}: market, kitchen, schools. The fields lie elsewhere.",
    )
    key = await _key(stage, doors.OFFICER)
    async with httpx.AsyncClient(base_url=stage.address, trust_env=False) as client:
        asked = {"batch": greens.WASHED, "direction": "back"}
        answer = await client.get("/v1/trace", params=asked, headers={"authorization": f"Bearer {key}"})
    stage.hold("GET /v1/trace", answer.status_code, 200)
    trace = answer.json()
    views.trace(stage.console, trace)
    fields = [site for member in trace["members"] if (site := member["site"] or "").endswith("field")]
    stage.hold("fields of another county that were shown", fields, [])
    stage.hold("and it is said that something was cut", bool(trace["cut"]["members"]), True)


async def _act(stage: Play, name: str, act: Event) -> None:
    await stage.say(name, [{"id": f"demo:{name}", **act}], sender="county-emergency", role="emergency")


def _holders(scope: dict[str, Any]) -> set[tuple[str, str]]:
    members = scope["members"]
    return {
        (member["batch"], member["site"]) for member in members if member["role"] not in ("suspect", "co_descendant")
    }


def _suspects(scope: dict[str, Any]) -> set[str]:
    return {member["batch"] for member in scope["members"] if member["role"] == "suspect"}


def main() -> int:
    """Play on a fresh data directory in the current folder, and say how to go on."""
    console = views.console_of_people()
    directory = Path.cwd() / DIRECTORY
    began = time.monotonic()
    try:
        _cleared(directory)
        asyncio.run(_played(console, directory, began))
    except KeyboardInterrupt:
        return 0
    except NotTheKnownAnswer as error:
        console.print(f"\n[bold red]not the known answer[/] – {error}", soft_wrap=True)
        return 1
    except FieldlineError as error:
        console.print(f"\n[bold red]{type(error).__name__}[/] – {error}", soft_wrap=True)
        return 1
    return 0


def _to_go_on(console: Console, began: float) -> None:
    console.print()
    console.print(Rule("[bold]To go on[/]", align="left"))
    console.print(
        f"Every answer was the known one ({time.monotonic() - began:.1f} s). The data are in {DIRECTORY}; try",
        markup=False,
    )
    for command in (
        "trace 48088 --forward --all",
        "trace 00/140123452345678902 --forward",
        "sources --cases",
        "batch 'coop/pak choi/P-0412'",
        "alerts",
        "scope list",
        f"--as demo emit {DIRECTORY}/events/greens-chain.ndjson",
        f"--as coop emit {DIRECTORY}/events/harvests.csv",
        f"--as factory import epcis {DIRECTORY}/events/dressing.jsonld",
        "verify",
        "serve",
    ):
        console.print(f"  FIELDLINE_DATA_DIR={DIRECTORY} .venv/bin/fieldline {command}", markup=False)


async def _played(console: Console, directory: Path, began: float) -> None:
    serving = ServeProcess(directory)
    service = await serving.start()
    try:
        async with HttpGateway.local(serving.directory) as found:
            await play(found, service.address, console, directory, datetime.now().astimezone())
        _to_go_on(console, began)
        if console.is_terminal:
            await _left_open(console, service)
    finally:
        await serving.stop()


async def _left_open(console: Console, service: Service) -> None:
    """The console over the outbreak, until an interrupt."""
    outbreak = f"{service.address}/lineage?{urlencode({'batch': sprouts.SEED})}"
    console.print("\nOr look at it: the console is open, until ctrl-c, at")
    console.print(f"  {outbreak}", markup=False, soft_wrap=True)
    console.print(f"Log in with the key {service.key}", markup=False, soft_wrap=True)
    await asyncio.Event().wait()


def _cleared(directory: Path) -> None:
    """Take away what the last performance left."""
    if directory.exists():
        EmbeddedPostgres(directory).stop()
        shutil.rmtree(directory)
