"""The wheel: one distribution, three import packages, and the standard library's `trace` untouched."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (built,) = out.glob("fieldline-*.whl")
    return built


def test_the_wheel_holds_three_packages_with_their_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {
        "fieldline_schemas",
        "fieldline_trace",
        "fieldline_streams",
    }
    for ending in (".sql", ".json", ".toml", "py.typed"):
        assert any(name.endswith(ending) for name in names), f"no {ending} file was shipped"


def test_installed_alone_it_leaves_the_standard_trace_module_alone(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "empty"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "FIELDLINE"))}
    site = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    ).stdout.strip()
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--no-index",
            "--target",
            site,
            str(wheel),
        ],
        check=True,
        capture_output=True,
        env=environment,
    )
    code = (
        "import sysconfig, trace, pathlib\n"
        "assert pathlib.Path(trace.__file__).is_relative_to(sysconfig.get_path('stdlib')), trace.__file__\n"
        "assert hasattr(trace, 'Trace')\n"
        "import importlib.util as u\n"
        "assert all(u.find_spec(n) for n in ('fieldline_schemas', 'fieldline_trace', 'fieldline_streams'))\n"
        "print('standard')"
    )
    done = subprocess.run(
        [str(python), "-c", code], check=True, capture_output=True, text=True, env=environment, cwd=tmp_path
    )
    assert done.stdout.strip() == "standard"
