"""A command that asks a service pays for asking alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("numba", "numpy", "fastapi", "asyncpg", "openpyxl", "biip", "fieldline_schemas.registry")


@pytest.mark.parametrize("module", HEAVY)
def test_the_command_line_starts_without_what_only_a_service_needs(module: str) -> None:
    asked = f"import sys, fieldline_streams.cli.app; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
