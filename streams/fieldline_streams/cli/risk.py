"""``fieldline risk``: the risk score of a batch, a product, an operator or a site, and every point of it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from fieldline_streams.cli.asking import table, tell
from fieldline_streams.cli.session import AsOf, AtPosition, Json
from fieldline_streams.cli.tracing import LOTS


def add(app: typer.Typer) -> None:
    """Put the command into ``app``."""
    app.command(context_settings=LOTS, epilog="Example: fieldline risk plant-7/salad/M12")(risk)


def risk(
    context: typer.Context,
    batch: Annotated[str | None, typer.Argument(help="A batch in any spelling, or a lot number.")] = None,
    product: Annotated[str | None, typer.Option(help="Or all lots of a product: OPERATOR/PRODUCT.")] = None,
    operator: Annotated[str | None, typer.Option(help="Or all that an operator issued.")] = None,
    site: Annotated[str | None, typer.Option(help="Or all that lies or lay at a site.")] = None,
    rows: Annotated[int, typer.Option(min=1, max=10_000, help="Rows that are listed, at most.")] = 100,
    at_position: AtPosition = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """The risk score, 0 to 100, and the alert, fact or path that each point of it comes from."""
    asked = {"batch": batch, "product": product, "operator": operator, "site": site, "rows": rows}
    tell(context, "risk", asked, _risk, at_position, as_of, as_json)


def _risk(out: Any, said: dict[str, Any]) -> None:
    if said["score"] is not None:
        out.print(f"score {said['score']:g}: {said['points']:g} points by the weights of {said['weights']}")
    rows = [{**one, "points": f"{one['points']:g}"} for one in said["rows"]]
    table(out, ("points", "why", "what", "batch", "site", "certainty", "hops", "alert", "events"), rows)
    if said["more"]:
        out.print(f"… and {said['more']} more; --rows lists them")
