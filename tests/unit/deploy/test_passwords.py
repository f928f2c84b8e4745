"""A password of the database comes from a file, and is shown nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from fieldline_streams.cli.about import _shown
from fieldline_trace.settings import Settings
from pydantic import ValidationError


def test_the_password_of_its_file_goes_into_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lane").write_text("a/b@c:d \n")
    monkeypatch.setenv("FIELDLINE_DATABASE_URL", "postgresql://fieldline_lane@db:5432/fieldline")
    monkeypatch.setenv("FIELDLINE_DATABASE_PASSWORD_FILE", str(tmp_path / "lane"))
    assert Settings().database_url == "postgresql://fieldline_lane:a%2Fb%40c%3Ad@db:5432/fieldline"


@pytest.mark.parametrize("address", [None, "postgresql://db/fieldline"])
def test_a_password_for_nobody_is_wrong(tmp_path: Path, address: str | None) -> None:
    (tmp_path / "lane").write_text("x")
    with pytest.raises(ValidationError, match="names no user"):
        Settings(database_url=address, database_password_file=tmp_path / "lane")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="none"):
        Settings(database_url="postgresql://x@db/f", database_password_file=tmp_path / "none")


def test_settings_are_shown_without_it() -> None:
    assert _shown("postgresql://lane:s3cret@db/f") == "postgresql://lane:…@db/f"
    assert _shown(7) == 7
