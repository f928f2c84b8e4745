"""For which state of knowledge a command asks."""

from __future__ import annotations

import pytest
import typer
from fieldline_streams.cli.app import app
from fieldline_streams.cli.session import moment_of
from typer.testing import CliRunner


@pytest.mark.parametrize(
    ("at_position", "as_of", "asked"),
    [(None, None, {}), (0, None, {"position": "0"}), (None, "2026-03-01", {"as_of": "2026-03-01"})],
)
def test_a_moment_is_a_position_or_a_time_or_now(
    at_position: int | None, as_of: str | None, asked: dict[str, str]
) -> None:
    assert moment_of(at_position, as_of) == asked


def test_a_position_and_a_time_at_once_are_wrong_use() -> None:
    with pytest.raises(typer.BadParameter):
        moment_of(1, "2026-03-01")


@pytest.mark.parametrize(
    "command",
    ["trace L1 --back", "sources L1", "batch L1", "alerts", "scope list", "scope show x", "scope preview L1",
     "scope diff x", "scope consignees x"],
)  # fmt: skip
def test_every_command_that_answers_from_the_ledger_may_be_asked_for_an_earlier_state(command: str) -> None:
    done = CliRunner().invoke(app, [*command.split(), "--at-position", "1", "--as-of", "2026-03-01"])
    assert done.exit_code == 2
    assert "not both" in done.output
