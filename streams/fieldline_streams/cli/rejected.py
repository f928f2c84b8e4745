"""``fieldline rejected``: what was refused, why, and taking it in after all."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from fieldline_streams.cli import views
from fieldline_streams.cli.session import FOUND_FAULT, Json, chosen, session_of

Number = Annotated[int, typer.Argument(help="Its number, as receipts and the list name it.")]


def add(app: typer.Typer) -> None:
    """Put the commands into ``app``."""
    group = typer.Typer(no_args_is_help=True, help="What was refused, and why.", rich_markup_mode=None)
    group.command("list", epilog="Example: fieldline rejected list --status open")(rejected_list)
    group.command("show", epilog="Example: fieldline rejected show 17")(rejected_show)
    group.command("mend", epilog="Example: fieldline rejected mend 17 corrected.json --replay")(rejected_mend)
    group.command("replay", epilog='Example: fieldline rejected replay --all --rule "check digit"')(rejected_replay)
    group.command("dismiss", epilog='Example: fieldline rejected dismiss 17 --reason "a test of the scanner"')(
        rejected_dismiss
    )
    app.add_typer(group, name="rejected")


def rejected_list(
    context: typer.Context,
    sender: Annotated[str | None, typer.Option(help="Of this sender alone.")] = None,
    status: Annotated[str | None, typer.Option(help="Only open, mended, replayed, resent or dismissed.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Most that are listed, the latest first.")] = 50,
    as_json: Json = False,
) -> None:
    """What was refused, the latest first: field, value and rule of each."""
    from fieldline_trace.capture import STATUSES

    session = session_of(context)
    chosen("--status", status, STATUSES)
    answer = session.ask("rejected list", {"sender": sender, "status": status, "limit": limit}, as_json=as_json)
    if as_json:
        session.print_json(answer)
        return
    views.rejected_list(session.out, answer)


def rejected_show(context: typer.Context, number: Number, as_json: Json = False) -> None:
    """One that was refused, with all of what was handed in, what it was mended to, and what became of it."""
    session = session_of(context)
    answer = session.ask("rejected show", {"rejected": number}, as_json=as_json)
    if as_json:
        session.print_json(answer)
        return
    fields = ("id", "received", "sender", "channel", "status", "field", "value", "rule")
    rows = [(name, answer[name]) for name in fields]
    if answer["mended"]:
        rows.append(("mended", f"{answer['mended']['at']} by {answer['mended']['by']}"))
    if answer["settled"]:
        settled = answer["settled"]
        why = f": {settled['reason']}" if settled["reason"] else ""
        rows.append(("settled", f"{settled['at']} by {settled['by']}{why}"))
    if answer["event"]:
        rows.append(("event", answer["event"]))
    session.out.print(views.table(("", ""), rows))
    session.out.print(answer["raw"], markup=False, soft_wrap=True)
    if answer["corrected"] is not None:
        session.out.print("mended to:")
        session.out.print(answer["corrected"], markup=False, soft_wrap=True)


def rejected_mend(
    context: typer.Context,
    number: Number,
    file: Annotated[str, typer.Argument(help="The corrected event, as it should have been; - is standard input.")],
    replay: Annotated[bool, typer.Option("--replay", help="Take it in at once.")] = False,
    as_json: Json = False,
) -> None:
    """Put a corrected text in the place of what was refused. The original is kept, and who mended it stands in the
    ledger with the event, which is said by its original sender."""
    session = session_of(context)
    try:
        raw = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file}: {error}") from None
    answer = session.ask("rejected mend", {"rejected": number, "raw": raw, "by": session.sender}, as_json=as_json)
    if replay:
        _replay(context, {"rejected": [number]}, as_json=as_json)
    elif as_json:
        session.print_json(answer)
    else:
        session.out.print(f"{number} is mended; fieldline rejected replay {number} takes it in", markup=False)


def rejected_replay(
    context: typer.Context,
    numbers: Annotated[list[int] | None, typer.Argument(help="Which ones.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that wait, mended or not.")] = False,
    rule: Annotated[
        str | None, typer.Option(help="Of all: those refused for a rule that contains this, or by its code.")
    ] = None,
    sender: Annotated[str | None, typer.Option(help="Of this sender alone.")] = None,
    as_json: Json = False,
) -> None:
    """Take in what was refused: what was mended as it is now, the rest as it came, since fieldline may have learned to
    read it. Each counts once, however often it is replayed."""
    if bool(numbers) == everything:
        raise typer.BadParameter("name numbers, or --all")
    if numbers and rule is not None:
        raise typer.BadParameter("--rule chooses among --all")
    _replay(context, {"rejected": numbers or None, "sender": sender, "rule": rule}, as_json=as_json)


def rejected_dismiss(
    context: typer.Context,
    numbers: Annotated[list[int], typer.Argument(help="Which ones.")],
    reason: Annotated[str, typer.Option(help="Why it is not to be taken in.")],
    erase: Annotated[bool, typer.Option("--erase", help="Forget its text, too, which may name a person.")] = False,
    as_json: Json = False,
) -> None:
    """Say that what was refused is not to be taken in. It stays listed, with the reason."""
    session = session_of(context)
    asked = {"rejected": numbers, "reason": reason, "erase": erase, "by": session.sender}
    answer = session.ask("rejected dismiss", asked, as_json=as_json)
    if as_json:
        session.print_json(answer)
    else:
        session.out.print(f"dismissed: {', '.join(map(str, answer['dismissed']))}", markup=False)


def _replay(context: typer.Context, asked: dict[str, Any], *, as_json: bool) -> None:
    session = session_of(context)
    answer = session.ask("rejected replay", {**asked, "by": session.sender}, as_json=as_json)
    refused = [receipt for receipt in answer["receipts"] if receipt["outcome"] == "refused"]
    if as_json:
        session.print_json(answer)
    else:
        for receipt in refused:
            why = ": ".join(part for part in (receipt["field"], receipt["value"], receipt["rule"]) if part)
            session.err.print(f"{receipt['rejected']}: {why}", markup=False, soft_wrap=True)
        outcomes = [receipt["outcome"] for receipt in answer["receipts"]]
        said = ", ".join(
            f"{outcomes.count(outcome)} {word}"
            for outcome, word in (
                ("accepted", "accepted"),
                ("repeated", "repeated"),
                ("variant", "conflicting"),
                ("refused", "refused"),
            )
        )
        session.out.print(said)
    if refused:
        raise typer.Exit(FOUND_FAULT)
