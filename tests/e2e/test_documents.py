"""Every example in the documents runs, and prints what the document says.

A block of ``console`` is a session on an empty data directory: lines after ``$`` are run by bash, in order, and
what the block shows under a line must come out, where ``…`` stands for anything. A block of ``python`` runs. A block
of ``json`` is an event that the contract accepts. Blocks of any other kind are text.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Command:
    line: str
    shown: str


def documents() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return [ROOT / name for name in listed if (ROOT / name).exists()]


def blocks(document: Path, language: str) -> list[str]:
    return [body for kind, body in BLOCK.findall(document.read_text(encoding="utf-8")) if kind == language]


def commands(block: str) -> list[Command]:
    found: list[Command] = []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        taken = 1
        while lines[taken - 1].endswith("\\") or _open_heredoc(lines[:taken]):
            taken += 1
        found.append(Command("\n".join(lines[:taken]), "\n".join(lines[taken:]).strip()))
    return found


def _open_heredoc(lines: list[str]) -> bool:
    opened = re.search(r"<<'?(\w+)'?", lines[0])
    return opened is not None and (len(lines) == 1 or lines[-1] != opened.group(1))


def matches(shown: str, printed: str) -> bool:
    def words(text: str) -> str:
        return " ".join(text.split())

    pattern = ".*?".join(re.escape(words(piece)) for piece in shown.split("…"))
    return re.search(pattern, words(printed), re.DOTALL) is not None


def with_console() -> list[Path]:
    return [document for document in documents() if blocks(document, "console")]


@pytest.mark.parametrize("document", with_console(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_console_example_prints_what_the_document_shows(document: Path, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "FIELDLINE_DATA_DIR": str(tmp_path / "data"),
        "COLUMNS": "160",
        "NO_COLOR": "1",
    }
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    for command in (command for block in blocks(document, "console") for command in commands(block)):
        if command.line.startswith("make "):
            target = command.line.split()[1]
            assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
            continue
        done = subprocess.run(
            ["bash", "-c", command.line],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        printed = done.stdout + done.stderr
        assert matches(command.shown, printed), f"{command.line}\n--- shown\n{command.shown}\n--- printed\n{printed}"
        assert done.returncode in (0, 1), f"{command.line}\nexit {done.returncode}\n{printed}"


def test_every_python_example_runs() -> None:
    for document in documents():
        for number, block in enumerate(blocks(document, "python")):
            exec(compile(block, f"{document.name}#{number}", "exec"), {})


def test_every_event_in_the_documents_is_accepted_by_the_contract() -> None:
    from fieldline_schemas import fast

    events = [block for document in documents() for block in blocks(document, "json")]
    assert events
    for event in events:
        assert fast.read(event.encode()).kind


def test_an_example_that_prints_something_else_is_noticed() -> None:
    assert matches("2 accepted … refused 0", "2 accepted, 0 repeated, refused 0 in 3 ms")
    assert not matches("3 accepted", "2 accepted")
    assert commands("$ cat <<'E' | wc -l\na\nE\n1\n$ true\n") == [
        Command("cat <<'E' | wc -l\na\nE", "1"),
        Command("true", ""),
    ]
