"""Operations says of every setting what the code says of it, and of nothing else."""

from __future__ import annotations

from pathlib import Path

from fieldline_trace.settings import Settings

OPERATIONS = Path(__file__).resolve().parents[3] / "docs" / "operations" / "README.md"


def rows(heading: str) -> list[list[str]]:
    """The rows of the table under a heading, without its head."""
    section = OPERATIONS.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[2:]]


def default(name: str) -> str:
    field = Settings.model_fields[name]
    if name == "data_dir":
        return "`~/.fieldline`"
    if field.default in (None, ""):
        return ""
    return f"`{field.default:g}`" if isinstance(field.default, float) else f"`{field.default}`"


def test_every_setting_is_documented_with_its_default_and_meaning() -> None:
    assert rows("Settings") == [
        [f"`FIELDLINE_{name.upper()}`", default(name), field.description]
        for name, field in Settings.model_fields.items()
    ]


def test_the_data_directory_is_in_the_home_folder_by_default() -> None:
    factory = Settings.model_fields["data_dir"].default_factory
    assert factory is not None
    assert factory() == Path.home() / ".fieldline"  # type: ignore[call-arg]
