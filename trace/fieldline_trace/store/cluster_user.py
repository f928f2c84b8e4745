"""Who runs PostgreSQL. It refuses to run as root, so root hands the cluster to a user of its own."""

from __future__ import annotations

import contextlib
import logging
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from fieldline_trace.errors import Unavailable

_log = logging.getLogger(__name__)

NAMES = ("pgserver", "postgres", "nobody")
"""Users that root may hand the cluster to: the wheel's own, which is made if that is possible; else what is there."""


@dataclass(frozen=True, slots=True)
class ClusterUser:
    """A user and group id for the cluster; ``foreign`` where it is not the user that we run as."""

    uid: int
    gid: int
    foreign: bool

    def own(self, path: Path) -> None:
        """Hand ``path`` to this user."""
        if self.foreign:
            os.chown(path, self.uid, self.gid)

    def popen_args(self) -> dict[str, object]:
        """What ``subprocess`` needs to run as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.foreign else {}


def cluster_user(cluster: Path) -> ClusterUser:
    """Ourselves; for root the owner of ``cluster`` if it exists already, else the first of ``NAMES`` that there is."""
    if os.geteuid() != 0:
        return ClusterUser(os.geteuid(), os.getegid(), foreign=False)
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return ClusterUser(owner.st_uid, owner.st_gid, foreign=True)
    if _entry(NAMES[0]) is None and (useradd := shutil.which("useradd")):
        # Two processes may race to make it; whoever is second finds it made.
        subprocess.run([useradd, "--system", "--no-create-home", NAMES[0]], check=False, capture_output=True)  # noqa: S603
    for name in NAMES:
        if (entry := _entry(name)) is not None:
            return ClusterUser(entry.pw_uid, entry.pw_gid, foreign=True)
    raise Unavailable(f"PostgreSQL does not run as root, and there is no user to run it as; add one named {NAMES[0]}")


def open_the_way(user: ClusterUser, *paths: Path) -> None:
    """Let the cluster's user pass through the folders above ``paths``: execute for others, which lists nothing."""
    if not user.foreign:
        return
    for path in paths:
        for folder in path.resolve().parents:
            mode = folder.stat().st_mode
            if not mode & stat.S_IXOTH:
                _log.warning("chmod o+x %s, so that the user who runs PostgreSQL can pass", folder)
                folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def open_the_programs(user: ClusterUser, folder: Path) -> None:
    """Let the cluster's user read the programs in ``folder``, where they were installed for root alone."""
    if not user.foreign:
        return
    if all(path.stat().st_mode & stat.S_IROTH for path in (folder, folder / "bin", folder / "bin" / "postgres")):
        return
    for path in (folder, *folder.rglob("*")):
        with contextlib.suppress(FileNotFoundError):
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
