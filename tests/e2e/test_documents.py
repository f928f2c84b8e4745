"""Every example in the documents runs, and prints what the document says.

The blocks of ``console`` in one document run one after another on an empty data directory: lines after ``$`` are run by
bash, in order, and what a block shows under a line must come out, where ``…`` stands for anything and space means
nothing. A service runs on the directory, since commands beside one take half the time and print the same. A block of
``python`` runs. A block of ``json`` is an event that the contract accepts. Blocks of any other kind are text. A link
within the documents leads somewhere.
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
from fieldline_schemas import KINDS, fast

from tests.e2e.conftest import CommandLine

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


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
        return re.sub(r" ?([][{}]) ?", r"\1", " ".join(text.split()))

    pattern = ".*?".join(re.escape(words(piece)) for piece in shown.split("…"))
    return re.search(pattern, words(printed), re.DOTALL) is not None


def with_console() -> list[Path]:
    return [document for document in documents() if blocks(document, "console")]


@pytest.mark.parametrize("document", with_console(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_console_example_prints_what_the_document_shows(
    document: Path, alone: CommandLine, tmp_path: Path
) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("FIELDLINE_")},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "FIELDLINE_DATA_DIR": str(alone.data_dir),
        "NO_COLOR": "1",
    }
    for folder in ("docs", "tests/scenarios"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    alone.serve()
    for command in (command for block in blocks(document, "console") for command in commands(block)):
        if command.line.startswith("make "):
            target = command.line.split()[1]
            assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
            continue
        done = subprocess.run(
            ["bash", "-c", command.line],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        printed = done.stdout
        assert matches(command.shown, printed), f"{command.line}\n--- shown\n{command.shown}\n--- printed\n{printed}"
        assert done.returncode in (0, 1), f"{command.line}\nexit {done.returncode}\n{printed}"


def test_every_python_example_runs() -> None:
    for document in documents():
        for number, block in enumerate(blocks(document, "python")):
            exec(compile(block, f"{document.name}#{number}", "exec"), {})


def test_every_event_in_the_documents_is_accepted_by_the_contract() -> None:
    events = [block for document in documents() for block in blocks(document, "json")]
    assert events
    for event in events:
        assert fast.read(event.encode()).kind


def test_the_guide_shows_an_event_of_every_kind() -> None:
    shown = {fast.read(event.encode()).kind for event in blocks(ROOT / "docs" / "guide" / "events.md", "json")}
    assert shown == set(KINDS.models)


def test_every_link_within_the_documents_leads_somewhere() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents()
        for target in LINK.findall(document.read_text(encoding="utf-8"))
        if "://" not in target and not (document.parent / target.partition("#")[0]).exists()
    ]
    assert broken == []


def test_an_example_that_prints_something_else_is_noticed() -> None:
    assert matches("2 accepted … refused 0", "2 accepted, 0 repeated, refused 0 in 3 ms")
    assert not matches("3 accepted", "2 accepted")
    assert matches('{"lots": [{"lot": "L1"}, …]}', '{\n  "lots": [\n    {\n      "lot": "L1"\n    },\n    {}\n  ]\n}')
    assert not matches('{"lots": []}', '{\n  "lots": [\n    1\n  ]\n}')
    assert commands("$ cat <<'E' | wc -l\na\nE\n1\n$ true\n") == [
        Command("cat <<'E' | wc -l\na\nE", "1"),
        Command("true", ""),
    ]
