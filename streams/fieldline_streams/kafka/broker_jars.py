"""The jars of Apache Kafka, from Maven Central into the user's cache: pinned, verified, and complete or not there.

``broker.lock`` names each artifact with its SHA-256, so what is run is what was tried, whatever a mirror serves. They
are downloaded into a folder of their own, held against the lock, and renamed when all are there; who is killed half
way leaves only a folder that the next one removes. What is in the cache is held against the lock at each start.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from fieldline_trace.errors import Unavailable

KAFKA = "4.4.0"
_AT_ONCE = 8
_SECONDS = 60


def cache_folder() -> Path:
    """The folder of what fieldline keeps for this user and can fetch again: under ``XDG_CACHE_HOME``, or
    ``~/.cache``."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(named) if Path(named).is_absolute() else Path.home() / ".cache") / "fieldline"


def locked() -> dict[str, str]:
    """SHA-256 (hex) of each artifact, by ``group:artifact:version``."""
    lines = files(__package__).joinpath("broker.lock").read_text("utf-8").splitlines()
    return dict(line.split() for line in lines)


def broker_jars() -> Path:
    """The folder of the jars, downloaded where they are missing or damaged (45 MB, about ten seconds).

    ``Unavailable`` where the registry is not reached, or serves something else than was pinned.
    """
    pinned = locked()
    version = hashlib.sha256("".join(sorted(pinned.values())).encode()).hexdigest()[:12]
    folder = cache_folder() / f"kafka-{KAFKA}-{version}"
    with _alone(cache_folder()):
        if _whole(folder, pinned):
            return folder
        if folder.exists():
            shutil.rmtree(folder)
        for leftover in folder.parent.glob("kafka-new-*"):
            shutil.rmtree(leftover)
        with tempfile.TemporaryDirectory(prefix="kafka-new-", dir=folder.parent) as fresh:
            _download(Path(fresh), pinned)
            (Path(fresh) / "jars").rename(folder)
    return folder


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "kafka.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _file_of(artifact: str) -> str:
    _, name, version = artifact.split(":")
    return f"{name}-{version}.jar"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _whole(folder: Path, pinned: dict[str, str]) -> bool:
    paths = {artifact: folder / _file_of(artifact) for artifact in pinned}
    return all(path.is_file() and _digest(path) == pinned[artifact] for artifact, path in paths.items())


def _download(fresh: Path, pinned: dict[str, str]) -> None:
    # Imported here: it takes a third of a second, and only who downloads needs it. Artifacts are fetched one by one:
    # an environment of jgo's own would look for a JDK elsewhere.
    from jgo.maven import MavenContext

    context = MavenContext(repo_cache=fresh / "repository", timeout=_SECONDS)
    jars = fresh / "jars"
    jars.mkdir()

    def fetch(artifact: str) -> None:
        group, name, version = artifact.split(":")
        path = context.project(group, name).at_version(version).artifact().resolve()
        if (found := _digest(path)) != pinned[artifact]:
            raise Unavailable(f"{artifact} was served with SHA-256 {found}, and {pinned[artifact]} is pinned")
        path.rename(jars / _file_of(artifact))

    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in pool.map(fetch, pinned):
                pass
    except (OSError, RuntimeError) as error:  # what requests raises is an OSError
        raise Unavailable(f"Maven Central is not reached: {error}") from error
