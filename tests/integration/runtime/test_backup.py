"""A backup is one state of everything, taken while events come in; what is restored from it is the same, verified."""

from __future__ import annotations

import asyncio
import json
import os
import tarfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fieldline_streams.embedded.restoring import back_up, restore
from fieldline_streams.embedded.runtime import Runtime, opened
from fieldline_streams.show.chain import events
from fieldline_trace.capture.key_files import KEY_FILES
from fieldline_trace.errors import Conflict, NotFound, Unavailable
from fieldline_trace.settings import Settings
from fieldline_trace.store.backup import DUMP, MANIFEST

RAWS = list(events(3000, date(2026, 3, 1), fails=0.01))
PERSON = json.dumps(
    {
        "id": "p1",
        "kind": "sold",
        "operator": "shop",
        "site": "shop",
        "batches": ["shop/leaf/1"],
        "buyer": "buyer number 17",
    }
).encode()
LOT = "farm-1/leaf/L1"


def _settings(folder: Path) -> Settings:
    return Settings(data_dir=folder, database_url=None)


async def _hand_in(runtime: Runtime, raws: list[bytes]) -> None:
    for start in range(0, len(raws), 100):
        await runtime.hand_in(raws[start : start + 100], sender="trade", role="producer")


async def _answers(runtime: Runtime) -> dict[str, Any]:
    """Everything that people see, by keys."""
    alerts = (await runtime.ask("alerts", {}))["alerts"]
    scopes = (await runtime.ask("scope list", {}))["scopes"]
    found: dict[str, Any] = {
        "verify": await runtime.ask("verify", {}),
        "alerts": sorted(alerts, key=lambda alert: str(alert["id"])),
        "rejected": await runtime.ask("rejected list", {}),
    }
    for scope in scopes:
        found[scope["scope"]] = await runtime.ask("scope show", {"scope": scope["scope"]})
    lots = [json.loads(raw)["out_batch"] for raw in RAWS if b'"harvested"' in raw][::60]
    for lot in lots:
        found[lot] = await runtime.ask("trace", {"batch": lot, "direction": "forward"})
    return found


def _contents(folder: Path) -> set[str]:
    return {path.name for path in folder.parent.iterdir()}


async def test_what_is_restored_answers_as_what_was_backed_up_under_load(tmp_path: Path) -> None:
    where = _settings(tmp_path / "data")
    async with opened(where) as runtime:
        await _hand_in(runtime, [*RAWS[:1000], PERSON, b"rubbish"])
        acknowledged = (await runtime.ask("verify", {}))["entries"]
        loading = asyncio.create_task(_hand_in(runtime, RAWS[1000:]))
        manifest = await back_up(where, tmp_path / "backup", "1")
        under_load = not loading.done()
        await loading
        last = (await runtime.ask("verify", {}))["entries"]
        at_rest = await back_up(where, tmp_path / "rest.tar", "1")
        before = await _answers(runtime)
    assert under_load
    assert acknowledged <= manifest.position < last == at_rest.position

    found, verified = await restore(_settings(tmp_path / "restored"), tmp_path / "backup")
    assert found == manifest
    assert (verified.position, verified.hash.hex()) == (manifest.position, manifest.hash)
    assert before["verify"]["hash"] != manifest.hash
    async with opened(_settings(tmp_path / "restored")) as runtime:
        receipts = await runtime.hand_in([*RAWS[:1000], PERSON], sender="trade", role="producer")
        assert {receipt["outcome"] for receipt in receipts} == {"repeated"}
        await _hand_in(runtime, RAWS)
        again = await runtime.ask("verify", {})
        assert (again["ok"], again["events"]) == (True, before["verify"]["events"])

    await restore(_settings(tmp_path / "rested"), tmp_path / "rest.tar")
    async with opened(_settings(tmp_path / "rested")) as runtime:
        assert await _answers(runtime) == before
    assert not [name for name in _contents(tmp_path / "data") if "partial" in name or "restoring" in name]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small backup."""
    folder = tmp_path_factory.mktemp("backup")

    async def make() -> None:
        where = _settings(folder / "data")
        async with opened(where) as runtime:
            await _hand_in(runtime, RAWS[:20])
            await runtime.ask("checkpoint", {})
            await back_up(where, folder / "backup", "1")

    asyncio.run(make())
    return folder / "backup"


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def _copied(made: Path, to: Path) -> Path:
    to.mkdir()
    for path in made.iterdir():
        (to / path.name).write_bytes(path.read_bytes())
    return to


async def test_a_backup_has_the_keys_and_is_for_its_owner_alone(made: Path, tmp_path: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o077 for path in _files(made)}
    assert modes == dict.fromkeys((DUMP, MANIFEST, *KEY_FILES), 0)
    assert _mode(made) == 0o700
    await restore(_settings(tmp_path / "data"), made)
    for name in KEY_FILES:
        assert (tmp_path / "data" / name).read_bytes() == (made / name).read_bytes()
        assert (tmp_path / "data" / name).stat().st_mode & 0o077 == 0


async def test_a_backup_goes_into_a_new_folder_only(made: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").touch()
    for target in (tmp_path / "there", made):
        with pytest.raises(Conflict, match="not empty"):
            await back_up(_settings(made.parent / "data"), target, "1")


async def test_a_backup_of_what_does_not_run_is_unavailable_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await back_up(_settings(tmp_path / "data"), tmp_path / "backup", "1")
    assert not (tmp_path / "backup").exists()


async def test_nothing_is_restored_over_anything(made: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "file").touch()
    with pytest.raises(Conflict, match="not empty"):
        await restore(_settings(tmp_path / "data"), made)
    assert _contents(tmp_path / "data") == {"data"}


@pytest.mark.parametrize("name", [DUMP, KEY_FILES[0]])
@pytest.mark.parametrize("how", ["changed", "cut", "gone"])
async def test_a_backup_that_is_not_whole_is_refused_by_the_name_of_the_file(
    made: Path, tmp_path: Path, name: str, how: str
) -> None:
    backup = _copied(made, tmp_path / "backup")
    content = bytearray((backup / name).read_bytes())
    if how == "gone":
        (backup / name).unlink()
    else:
        content[len(content) // 2] ^= 1
        (backup / name).write_bytes(content if how == "changed" else content[:-1])
    with pytest.raises(Conflict, match=name):
        await restore(_settings(tmp_path / "data"), backup)
    assert _contents(tmp_path / "data") == {"backup"}


async def test_a_backup_of_a_newer_release_is_refused(made: Path, tmp_path: Path) -> None:
    backup = _copied(made, tmp_path / "backup")
    for change in ({"migration": 9999}, {"fieldline": "backup 2"}):
        said = json.loads((made / MANIFEST).read_text())
        (backup / MANIFEST).write_text(json.dumps(said | change))
        with pytest.raises(Conflict, match="newer"):
            await restore(_settings(tmp_path / "data"), backup)


async def test_a_manifest_that_says_another_head_is_refused_after_the_restore(made: Path, tmp_path: Path) -> None:
    backup = _copied(made, tmp_path / "backup")
    said = json.loads((made / MANIFEST).read_text())
    (backup / MANIFEST).write_text(json.dumps(said | {"hash": "0" * 64}))
    with pytest.raises(Conflict, match="the backup says"):
        await restore(_settings(tmp_path / "data"), backup)
    assert _contents(tmp_path / "data") == {"backup"}


async def test_what_is_no_backup_is_not_restored(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        await restore(_settings(tmp_path / "data"), tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFound, match=MANIFEST):
        await restore(_settings(tmp_path / "data"), tmp_path / "empty")
    (tmp_path / "text").write_text("no archive")
    with pytest.raises(Conflict, match="no backup"):
        await restore(_settings(tmp_path / "data"), tmp_path / "text")
    with tarfile.open(tmp_path / "evil.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("../outside"))
    with pytest.raises(Conflict, match="no backup"):
        await restore(_settings(tmp_path / "data"), tmp_path / "evil.tar")
    assert _contents(tmp_path / "data") == {"empty", "text", "evil.tar"}


async def test_a_backup_is_restored_into_an_empty_database_of_ones_own_and_no_other(
    made: Path, tmp_path: Path, database: str
) -> None:
    with pytest.raises(Conflict, match="not empty"):
        await restore(Settings(data_dir=tmp_path / "data", database_url=database), made)
    fresh = database.replace("/t_", "/r_")
    where = Settings(data_dir=tmp_path / "data", database_url=fresh)
    await restore(where, made)
    async with opened(where) as runtime:
        assert (await runtime.ask("verify", {}))["ok"]
        manifest = await back_up(where, tmp_path / "again", "1")
    assert manifest.events == 20
    assert os.listdir(tmp_path / "again")
