"""Every command explains itself, with an example."""

from __future__ import annotations

import re

import pytest
from fieldline_streams.cli.app import app
from typer.testing import CliRunner

COMMANDS = (
    "serve", "emit", "import fcl", "import epcis", "trace", "sources", "batch", "alerts", "feed", "scope list",
    "scope show", "scope preview", "scope open", "scope close", "scope release", "scope diff", "scope consignees",
    "rejected list", "rejected show", "verify", "rebuild", "schema", "settings",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_its_help_has_an_example_of_itself(command: str) -> None:
    shown = CliRunner().invoke(app, [*command.split(), "--help"], terminal_width=500, color=False)
    assert shown.exit_code == 0
    (example,) = re.findall(r"Example: (.+)", shown.output)
    assert re.search(rf"\bfieldline (--\S+ \S+ )*{command}\b", example)


def test_the_command_line_itself_has_an_example() -> None:
    assert "Example: fieldline" in CliRunner().invoke(app, ["--help"], terminal_width=500).output
