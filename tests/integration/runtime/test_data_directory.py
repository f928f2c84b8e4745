"""Who holds a data directory, and how others reach who holds it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fieldline_streams.embedded.directory import DataDirectory, DirectoryInUse

HOLD = """
import sys, time
from pathlib import Path
from fieldline_streams.embedded.directory import DataDirectory
directory = DataDirectory(Path(sys.argv[1]))
with directory.held(), directory.announced("http://127.0.0.1:1", "key"):
    print("held", flush=True)
    sys.stdin.read()
"""


def _holder(path: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_a_second_process_is_refused_by_the_number_of_the_first(tmp_path: Path) -> None:
    with _holder(tmp_path) as process:
        with pytest.raises(DirectoryInUse, match=f"process {process.pid}"), DataDirectory(tmp_path).held():
            pass
        process.communicate(b"")
    with DataDirectory(tmp_path).held():
        assert DataDirectory(tmp_path).in_use()


def test_the_lock_of_a_killed_process_is_gone_and_what_it_announced_is_not_believed(tmp_path: Path) -> None:
    with _holder(tmp_path) as process:
        found = DataDirectory(tmp_path).service()
        assert found is not None
        assert found.pid == process.pid
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (tmp_path / "service.json").exists()
    assert DataDirectory(tmp_path).service() is None
    with DataDirectory(tmp_path).held():
        assert not (tmp_path / "service.json").exists()


def test_what_is_announced_can_be_read_by_its_owner_alone_and_goes_at_the_end(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    with directory.held():
        with directory.announced("http://127.0.0.1:4711", "flk_local_secret") as service:
            written = tmp_path / "service.json"
            assert written.stat().st_mode & 0o777 == 0o600
            assert json.loads(written.read_text()) == {
                "address": "http://127.0.0.1:4711",
                "pid": os.getpid(),
                "key": "flk_local_secret",
            }
            assert "flk_" not in repr(service)
        assert directory.service() is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"address": 1}', '{"address": "a", "pid": "x", "key": ""}'])
def test_a_file_that_says_nothing_is_no_service(tmp_path: Path, content: str) -> None:
    directory = DataDirectory(tmp_path)
    with directory.held():
        (tmp_path / "service.json").write_text(content)
        assert directory.service() is None
