"""The house holds: names that say something, modules of a readable size, pins without a host."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc", "core"}


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    return [ROOT / line for line in listed if line and (ROOT / line).exists()]


def product_modules() -> list[Path]:
    return [path for path in tracked("*.py") if path.relative_to(ROOT).parts[0] in {"schemas", "trace", "streams"}]


def test_no_module_has_a_name_that_says_nothing() -> None:
    modules = product_modules()
    assert len(modules) > 50
    assert [
        str(p) for p in modules if p.stem in NAMES_THAT_SAY_NOTHING or p.parent.name in NAMES_THAT_SAY_NOTHING
    ] == []


def test_a_module_past_four_hundred_lines_says_why_in_its_docstring() -> None:
    long = [p for p in product_modules() if p.read_text(encoding="utf-8").count("\n") > 400]
    silent = [
        str(p.relative_to(ROOT)) for p in long if "long because" not in p.read_text(encoding="utf-8")[:2500].lower()
    ]
    assert silent == []


def test_sql_stands_in_sql_files_only() -> None:
    statement = re.compile(
        r"""["']\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s)""", re.IGNORECASE
    )
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in product_modules()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if statement.search(line)
    ]
    assert found == []


def test_every_pin_is_hashed_and_the_lock_names_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    assert "index-url" not in lock
    pins = re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)
    blocks = re.split(r"^(?=[A-Za-z0-9._-]+==)", lock, flags=re.MULTILINE)[1:]
    assert len(pins) == len(blocks) > 30
    assert [block.split("==")[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_every_declared_dependency_is_pinned() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    declared = set(re.findall(r'^    "([A-Za-z0-9-]+)>=', project, re.MULTILINE))
    pinned = set(
        re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert len(declared) > 20
    assert declared - pinned == set()


@pytest.mark.parametrize("folder", ["schemas", "trace", "streams"])
def test_no_folder_of_code_shadows_the_standard_library(folder: str) -> None:
    assert not (ROOT / folder / "__init__.py").exists()


def test_each_package_says_what_lives_there() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in product_modules()
        if path.name == "__init__.py" and not path.read_text(encoding="utf-8").lstrip().startswith('"""')
    ]
    assert silent == []
