"""``python -m fieldline_streams.faults [--events N] [--rate N] [--only NAME]…``: play faults, write
``.bench/faults.json``; exit 1 where anything is lost, doubled or different."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from fieldline_streams.cli.views import table
from fieldline_streams.faults.doors import NAMES, opened
from fieldline_streams.faults.ground import Ground, Scene
from fieldline_streams.faults.hold import Broken, Held, Seen, calm, differing, held
from fieldline_streams.faults.receivers import lost
from fieldline_streams.faults.scenes import FAULTS, MOST, Blow, may_mount, on_a_small_disk
from fieldline_streams.scenario.story import id_of
from fieldline_streams.show.chain import events
from fieldline_streams.show.figures import FOLDER
from fieldline_streams.show.state import State

SMALL_DISK = "1500m"
BEFORE = 1 / 3
"""Share of the messages that is handed in before a fault strikes."""
FIRST = 100
"""Messages that show that a scene is set before it begins."""


class Play:
    """Faults on one ground, each held to the calm run of its events."""

    def __init__(self, ground: Ground, count: int, rate: float) -> None:
        self._ground = ground
        self._count = count
        self._today = datetime.now(UTC).date()
        self._rate = rate
        self._calm: dict[object, State] = {}

    async def play(self, name: str) -> Held | Broken:
        """Play one fault. What workers said is kept where it does not end as it should."""
        fault = FAULTS[name]
        count = min(self._count, fault.most)
        trade = list(events(count, self._today))
        raws = fault.events(trade)
        scene = await self._ground.scene(name)
        end: Held | Broken
        try:
            known = await self._known(fault, count, raws)
            seen = await self._struck(scene, fault, fault.messages(trade), known)
            ids = {id_of(raw) for raw in raws}
            dsn = scene.settings.database_url or ""
            end = await held(name, scene.settings.data_dir / "held", dsn, ids, known, seen)
        except Exception as error:  # whatever it is, the others are to be played
            logging.getLogger(__name__).exception("%s is broken off", name)
            end = Broken(name, count, repr(error))
        if not end.whole:
            shutil.copytree(
                scene.settings.data_dir, Path(FOLDER) / "faults" / name, dirs_exist_ok=True,
                ignore=shutil.ignore_patterns("*.key", "*.lock"),
            )  # fmt: skip
        await self._ground.forget(scene)
        return end

    async def _struck(self, scene: Scene, fault: Blow, messages: Sequence[bytes], known: State) -> Seen:
        """Hand ``messages`` in, strike meanwhile, and wait for all of it. ``TimeoutError`` where the streams do not
        come back."""
        watching = asyncio.create_task(scene.watch())
        try:
            for worker, parts in fault.workers:
                scene.work(worker, parts, deaf=fault.deaf)
            if fault.doors:
                scene.doors = await opened(scene)
            scene.coming = len(messages)
            await scene.produce(messages[:FIRST], self._rate, ago=fault.ago)
            await scene.until_judged(FIRST)  # all work
            rate = self._rate if not fault.lasts else min(self._rate, len(messages) * (1 - BEFORE) / fault.lasts)
            producing = asyncio.create_task(scene.produce(messages[FIRST:], rate, ago=fault.ago))
            try:
                await scene.until_produced(int(BEFORE * len(messages)))
                await fault.strike(scene)
                ended, then = time.monotonic(), scene.produced
                await scene.until_judged(then)
                seconds = time.monotonic() - ended
                await producing
            finally:
                producing.cancel()
            await scene.until_judged(len(messages))
            unheard, answers = await lost(scene), await self._answers(scene, known)
            return Seen(
                messages=len(messages), seconds=seconds, memory=scene.most_memory, revived=scene.revived,
                notices_lost=unheard, **answers,
            )  # fmt: skip
        finally:
            watching.cancel()
            await scene.end()

    async def _answers(self, scene: Scene, known: State) -> dict[str, int]:
        """What replicas answered, and how what they answer now compares with what is known."""
        if scene.doors is None:
            return {}
        told = scene.doors.told
        differ = sum([len(differing(known, await scene.doors.state(name))) for name in NAMES])
        return {"answers_differ": differ, "answers_behind": told.behind, "refused": told.refused}

    async def _known(self, fault: Blow, count: int, raws: Sequence[bytes]) -> State:
        if (fault.events, count) not in self._calm:
            scene = await self._ground.scene("calm")
            self._calm[fault.events, count] = await calm(
                scene.settings.data_dir, scene.settings.database_url or "", raws
            )
        return self._calm[fault.events, count]


@contextmanager
def _folder(small: bool) -> Iterator[Path]:
    """An empty folder; ``small``: with the database's files on a file system of its own that can be filled."""
    with tempfile.TemporaryDirectory(prefix="fieldline-faults-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        folder.chmod(0o711)
        if not small:
            yield folder
            return
        disk = folder / "data"
        disk.mkdir()
        options = ["-o", f"size={SMALL_DISK},mode=711"]
        subprocess.run(["/bin/mount", "-t", "tmpfs", *options, "tmpfs", str(disk)], check=True)  # noqa: S603
        try:
            yield folder
        finally:
            subprocess.run(["/bin/umount", "--lazy", str(disk)], check=False)  # noqa: S603


def played(names: Sequence[str], count: int, rate: float, console: Console) -> list[Held | Broken]:
    """Play the faults of ``names`` with ``count`` events; a line each as it ends."""
    ends: list[Held | Broken] = []
    for small in (False, True):
        wanted = [name for name in names if on_a_small_disk(name) is small]
        if not wanted:
            continue
        with _folder(small) as folder:
            if small and not may_mount(folder):
                console.print(f"not played, for want of the right to mount: {', '.join(wanted)}")
                continue
            ground = Ground(folder)
            try:
                play = Play(ground, count, rate)
                for name in wanted:
                    began = time.monotonic()
                    ground.start()  # whatever the one before did to it
                    end = asyncio.run(play.play(name))
                    ends.append(end)
                    console.print(f"{_line(end)}; played in {time.monotonic() - began:.0f} s", markup=False)
            finally:
                ground.stop()
    return ends


def _line(end: Held | Broken) -> str:
    if isinstance(end, Broken):
        return f"{end.fault}: BROKEN OFF: {end.trouble}"
    if not end.whole:
        return f"{end.fault}: NOT WHOLE: {asdict(end)}"
    return f"{end.fault}: whole, normal after {end.seconds} s"


COLUMNS: Final = {
    "events": "events", "lost": "lost", "doubled": "doubled", "links": "links_differ", "alerts": "alerts_differ",
    "scopes": "scopes_differ", "traces": "traces_differ", "judge": "judge_differs", "notices": "notices_lost",
    "answers": "answers_differ", "behind": "answers_behind", "rejected": "rejected", "revived": "revived",
    "s": "seconds", "MB": "memory_mb", "of": "memory_bound_mb",
}  # fmt: skip
"""Columns of the table, and the field of each."""


def shown(ends: Sequence[Held | Broken], console: Console) -> None:
    """The table, and the file for programs."""
    Path(FOLDER).mkdir(exist_ok=True)
    said = [asdict(end) | {"whole": end.whole, "why_no_more": FAULTS[end.fault].why} for end in ends]
    (Path(FOLDER) / "faults.json").write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n")
    rows = [
        (end.fault, end.events, "broken off", *("" for _ in list(COLUMNS)[2:]))
        if isinstance(end, Broken)
        else (end.fault, *(getattr(end, field) for field in COLUMNS.values()))
        for end in ends
    ]
    console.print(table(("fault", *COLUMNS), rows))
    for end in ends:
        if end.events == FAULTS[end.fault].most < MOST:
            console.print(f"{end.fault}: {end.events:,} events, {FAULTS[end.fault].why}")


def main(arguments: Sequence[str]) -> int:
    """0 where all is whole, else 1."""
    asked = argparse.ArgumentParser(prog="python -m fieldline_streams.faults", description=__doc__)
    asked.add_argument("--events", type=int, default=MOST, help="at most; some faults are played with fewer")
    asked.add_argument("--rate", type=float, default=5_000.0, help="messages a second")
    asked.add_argument("--only", action="append", choices=list(FAULTS), help="this fault alone; may be repeated")
    said = asked.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    console = Console(width=180, highlight=False)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a broker that is killed is what it would tell of
    ends = played(said.only or list(FAULTS), said.events, said.rate, console)
    shown(ends, console)
    return 0 if all(end.whole for end in ends) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
