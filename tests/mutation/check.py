"""``python -m tests.mutation.check``: breaks each rule in a copy of the package, and runs the test that has to notice.

Exits with 1 where a test passes all the same. Kernels are compiled in the copy, anew where one is broken, which takes
a minute each.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.mutation.rules import BROKEN, Broken

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "trace" / "fieldline_trace"


MANY = {"HYPOTHESIS_PROFILE": "broken", "FIELDLINE_EXAMPLES": "400"}
"""Some rules bear on one world in fifty: properties look at many more where one is broken. As many as they look at
otherwise would miss such a rule every third time."""
SEED = "--hypothesis-seed=20260301"
"""The same worlds each time: what was noticed once is noticed again."""


def noticed(copy: Path, test: str, more: Mapping[str, str]) -> tuple[bool, str]:
    """Whether a test fails against the package below ``copy``, and the last line that it says. ``more``: settings."""
    environment = os.environ | {"PYTHONPATH": str(copy), "NUMBA_CACHE_DIR": str(copy / "numba"), **more}
    command = [sys.executable, "-m", "pytest", test, "-q", "-x", "-p", "no:randomly", "-p", "no:cacheprovider", SEED]
    command += ["--basetemp", str(copy / "pytest")]
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{test} did not run:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.returncode == 1, done.stdout.strip().splitlines()[-1]


def broken(copy: Path, one: Broken) -> None:
    """Break a rule in the copy."""
    path = copy / "fieldline_trace" / one.where
    said = path.read_text(encoding="utf-8")
    if said.count(one.text) != 1:
        raise SystemExit(f"{one.where} says {one.text!r} {said.count(one.text)} times: break the rule anew")
    path.write_text(said.replace(one.text, one.instead), encoding="utf-8")


def mended(copy: Path, one: Broken) -> None:
    """Put the file back as it was, with its time, so that compiled kernels are good again."""
    shutil.copy2(PACKAGE / one.where, copy / "fieldline_trace" / one.where)


def check(which: Sequence[Broken]) -> int:
    """Break each, print a table; how many survived."""
    survived = 0
    with tempfile.TemporaryDirectory(prefix="fieldline-mutation-") as folder:
        copy = Path(folder)
        shutil.copytree(PACKAGE, copy / "fieldline_trace", ignore=shutil.ignore_patterns("__pycache__"))
        for test in sorted({one.test for one in which}):
            fails, last = noticed(copy, test, {})
            if fails:
                raise SystemExit(f"{test} fails before anything is broken: {last}")
        for one in which:
            broken(copy, one)
            began = time.monotonic()
            fails, _ = noticed(copy, one.test, MANY)
            mended(copy, one)
            survived += not fails
            print(f"{'noticed' if fails else 'SURVIVED':9} {time.monotonic() - began:6.0f} s  {one.rule}", flush=True)
            print(f"{'':20} {one.where}, by {one.test.rpartition('/')[2]}", flush=True)
    print(f"{len(which) - survived} of {len(which)} rules broken were noticed")
    return survived


if __name__ == "__main__":
    wanted = sys.argv[1:]
    chosen = [one for one in BROKEN if not wanted or any(word in one.rule or word in one.where for word in wanted)]
    sys.exit(1 if check(chosen) else 0)
