"""Whatever the chain: in all that a firm can get there is no byte of the name of anybody two steps away."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import count
from typing import Any

from fieldline_trace.errors import FieldlineError, NotFound
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import LAB, Seen, firm, moved, said

WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord")
_trial = count()
Chain = list[tuple[str, dict[str, Any]]]


@st.composite
def chains(draw: st.DrawFn) -> tuple[Chain, set[frozenset[str]]]:
    """Events of up to six firms, and which of these traded with each other."""
    trial = next(_trial)
    firms = [f"{word}{trial}" for word in WORDS[: draw(st.integers(3, 6))]]
    lots = {name: [f"{name}/goods/L{number}" for number in range(2)] for name in firms}
    has: dict[str, list[str]] = {name: [lots[name][0]] for name in firms}
    told: Chain = [(name, said("harvested", name, "2026-03-01", out_batch=lots[name][0])) for name in firms]
    traded: set[frozenset[str]] = set()
    for number in range(draw(st.integers(2, 12))):
        who = draw(st.sampled_from(firms))
        batch = draw(st.sampled_from(has[who]))
        match draw(st.sampled_from(["move", "move", "make", "test"])):
            case "move":
                to = draw(st.sampled_from([name for name in firms if name != who]))
                told.append((who, moved(batch, who, to, f"2026-03-{2 + number:02}", id=f"{who}:move:{number}")))
                has[to].append(batch)
                traded.add(frozenset((who, to)))
            case "make":
                made = lots[who][1]
                ins = [one for one in dict.fromkeys(has[who]) if one != made]
                event = said("transformed", who, f"2026-03-{2 + number:02}", in_batches=ins, out_batches=[made])
                told.append((who, event | {"id": f"{who}:make:{number}"}))
                has[who].append(made)
            case _:
                test = {
                    "kind": "tested", "site": f"{who}-site", "at": "2026-03-20", "batch": batch, "lab": "institute",
                    "report": f"R-{trial}-{number}", "hazard_class": "pathogen", "hazard": "Listeria",
                    "verdict": "failed",
                }  # fmt: skip
                told.append(("institute", test))
    return told, traded


async def everything(seen: Seen, name: str, batches: Iterable[str]) -> list[Any]:
    """All answers that a firm can get, errors too."""
    got: list[Any] = []

    async def ask(question: str, **arguments: Any) -> Any:
        try:
            got.append(await seen.ask(firm(name), question, **arguments))
        except FieldlineError as error:
            got.append([str(error), getattr(error, "near", ())] if arguments.get("batch", "") not in str(error) else [])
            return None
        return got[-1]

    for number, batch in enumerate(batches):
        await ask("batch", batch=batch)
        await ask("name", batch=batch.rsplit("/", 1)[0] + "/L9")
        for direction in ("back", "forward"):
            await ask("trace", batch=batch, direction=direction, times=("trusted", "ignore")[number % 2])
        for move in range(6):
            await ask("event", id=f"{batch.partition('/')[0]}:{('move', 'make')[number % 2]}:{move}")
    await ask("alerts", withdrawn=True)
    scopes = await ask("scope list")
    for scope in scopes["scopes"]:
        for question in ("scope show", "scope diff"):
            await ask(question, scope=scope["scope"])
        await ask("scope show", scope=scope["scope"], inferred=True, co_descendants=True)
    return got


def issuers(answer: str, names: Iterable[str]) -> str:
    """The answer without the keys of lots: who issued a lot stands in its key, wherever it goes."""
    for name in names:
        answer = answer.replace(f"{name}/goods", "")
    return answer


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(chains())
async def test_no_byte_of_the_name_of_anybody_two_steps_away(
    seen: Seen, drawn: tuple[Chain, set[frozenset[str]]]
) -> None:
    told, traded = drawn
    for sender, event in told:
        await seen.say(sender, event, role="laboratory" if sender == "institute" else "producer")
    names = sorted({sender for sender, _ in told} - {LAB.sender})
    batches = [f"{name}/goods/L{number}" for name in names for number in range(2)]
    for name in names:
        partners = {other for pair in traded if name in pair for other in pair}
        text = issuers(json.dumps(await everything(seen, name, batches)), names)
        assert not [other for other in names if other not in partners | {name} and other in text], name


async def test_who_holds_nothing_and_said_nothing_gets_nothing(seen: Seen) -> None:
    await seen.say("amber", said("harvested", "amber", "2026-03-01", out_batch="amber/goods/L1"))
    for answer in await everything(seen, "nobody", ["amber/goods/L1"]):
        assert "amber" not in json.dumps(answer)


def test_the_property_can_fail() -> None:
    assert "cedar" in issuers('{"site": "cedar-site"}', ["cedar"])
    assert NotFound("x", ("a",)).near == ("a",)
