"""``python -m fieldline_streams.faults [--events N] [--rate N] [--only NAME]…``: play faults, write
``.bench/faults.json``; exit 1 where anything is lost, doubled or different."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from fieldline_streams.cli.views import table
from fieldline_streams.faults.ground import Ground
from fieldline_streams.faults.hold import Held, calm, held
from fieldline_streams.faults.receivers import lost
from fieldline_streams.faults.scenes import FAULTS, Blow, may_mount, on_a_small_disk
from fieldline_streams.scenario.story import id_of
from fieldline_streams.show.chain import events
from fieldline_streams.show.figures import FOLDER
from fieldline_streams.show.state import State

SMALL_DISK = "1500m"
FIRST = 100
"""Messages that show that a scene is set before it begins."""


class Play:
    """Faults on one ground, each held to the calm run of its events."""

    def __init__(self, ground: Ground, raws: Sequence[bytes], rate: float) -> None:
        self._ground = ground
        self._raws = raws
        self._rate = rate
        self._calm: dict[object, State] = {}

    async def play(self, name: str) -> Held:
        """Play one fault. ``TimeoutError`` where the streams do not come back."""
        fault = FAULTS[name]
        raws = fault.events(self._raws)
        known = await self._known(fault, raws)
        scene = await self._ground.scene(name)
        messages = fault.messages(self._raws)
        watching = asyncio.create_task(scene.watch())
        try:
            for worker, parts in fault.workers:
                scene.work(worker, parts, deaf=fault.deaf)
            await scene.produce(messages[:FIRST], self._rate)
            await scene.until_judged(FIRST)  # all work
            producing = asyncio.create_task(scene.produce(messages[FIRST:], self._rate))
            await scene.until_produced(len(messages) // 3)
            await fault.strike(scene)
            ended, then = time.monotonic(), scene.produced
            await scene.until_judged(then)
            seconds = time.monotonic() - ended
            await producing
            await scene.until_judged(len(messages))
            unheard = await lost(scene)
        finally:
            watching.cancel()
            await scene.end()
        ids = {id_of(raw) for raw in raws}
        dsn = scene.settings.database_url or ""
        folder = scene.settings.data_dir / "held"
        return await held(
            name,
            folder,
            dsn,
            ids,
            known,
            seconds=seconds,
            memory=scene.most_memory,
            revived=scene.revived,
            notices_lost=unheard,
        )

    async def _known(self, fault: Blow, raws: Sequence[bytes]) -> State:
        if fault.events not in self._calm:
            scene = await self._ground.scene("calm")
            self._calm[fault.events] = await calm(scene.settings.data_dir, scene.settings.database_url or "", raws)
        return self._calm[fault.events]


@contextmanager
def _folder(small: bool) -> Iterator[Path]:
    """An empty folder; ``small``: on a file system of its own that can be filled."""
    with tempfile.TemporaryDirectory(prefix="fieldline-faults-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        folder.chmod(0o711)
        if not small:
            yield folder
            return
        options = ["-o", f"size={SMALL_DISK},mode=711"]
        subprocess.run(["/bin/mount", "-t", "tmpfs", *options, "tmpfs", made], check=True)  # noqa: S603
        try:
            yield folder
        finally:
            subprocess.run(["/bin/umount", "--lazy", made], check=False)  # noqa: S603


def played(names: Sequence[str], count: int, rate: float, console: Console) -> list[Held]:
    """Play the faults of ``names`` with ``count`` events; a line each as it ends."""
    raws = list(events(count, datetime.now(UTC).date()))
    ends: list[Held] = []
    for small in (False, True):
        wanted = [name for name in names if on_a_small_disk(name) is small]
        if not wanted:
            continue
        with _folder(small) as folder:
            if small and not may_mount(folder):
                console.print(f"not played, for want of the right to mount: {', '.join(wanted)}")
                continue
            ground = Ground(folder)
            ground.start()
            try:
                play = Play(ground, raws, rate)
                for name in wanted:
                    ends.append(asyncio.run(play.play(name)))
                    console.print(_line(ends[-1]), markup=False)
            finally:
                ground.stop()
    return ends


def _line(end: Held) -> str:
    return f"{end.fault}: {'whole' if end.whole else 'NOT WHOLE ' + str(asdict(end))}, normal after {end.seconds} s"


def shown(ends: Sequence[Held], console: Console) -> None:
    """The table, and the file for programs."""
    Path(FOLDER).mkdir(exist_ok=True)
    said = [asdict(end) | {"whole": end.whole} for end in ends]
    (Path(FOLDER) / "faults.json").write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n")
    columns = (
        "fault",
        "lost",
        "doubled",
        "links",
        "alerts",
        "scopes",
        "traces",
        "judge",
        "notices",
        "rejected",
        "revived",
        "s",
        "MB",
    )
    rows = [
        (
            end.fault, end.lost, end.doubled, end.links_differ, end.alerts_differ, end.scopes_differ,
            end.traces_differ, end.judge_differs, end.notices_lost, end.rejected, end.revived, end.seconds,
            end.memory_mb,
        )
        for end in ends
    ]  # fmt: skip
    console.print(table(columns, rows))


def main(arguments: Sequence[str]) -> int:
    """0 where all is whole, else 1."""
    asked = argparse.ArgumentParser(prog="python -m fieldline_streams.faults", description=__doc__)
    asked.add_argument("--events", type=int, default=300_000)
    asked.add_argument("--rate", type=float, default=5_000.0, help="messages a second")
    asked.add_argument("--only", action="append", choices=list(FAULTS), help="this fault alone; may be repeated")
    said = asked.parse_args(arguments)
    console = Console(width=150, highlight=False)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a broker that is killed is what it would tell of
    ends = played(said.only or list(FAULTS), said.events, said.rate, console)
    shown(ends, console)
    return 0 if all(end.whole for end in ends) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
