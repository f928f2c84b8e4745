"""Each scenario ends in its truth, in the order it happened in and in any other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fieldline_streams.embedded.runtime import Runtime, opened
from fieldline_streams.scenario.hold import differences
from fieldline_streams.scenario.play import played
from fieldline_streams.scenario.story import Story, acts, id_of, names, read_story
from fieldline_trace.settings import Settings

FOLDER = Path(__file__).parent
SEEDS = (1, 2, 3, 4, 5)


@pytest.fixture
async def runtime(database: str, tmp_path: Path) -> AsyncIterator[Runtime]:
    """A runtime on a fresh database."""
    settings = Settings(data_dir=tmp_path, database_url=database)
    async with opened(settings) as found:
        yield found


@pytest.fixture(params=names(FOLDER))
def story(request: pytest.FixtureRequest) -> Story:
    """Each scenario there is."""
    return read_story(FOLDER, request.param)


@pytest.mark.parametrize("shuffle", [None, *SEEDS])
async def test_a_scenario_ends_in_its_truth_whatever_the_order(
    runtime: Runtime, story: Story, shuffle: int | None
) -> None:
    async for _ in played(runtime, story, shuffle=shuffle):
        pass
    assert await differences(runtime, story) == []


async def test_half_a_story_is_not_its_truth(runtime: Runtime, story: Story) -> None:
    half = Story(story.name, story.about, story.lines[: len(story.lines) // 4], story.truth)
    async for _ in played(runtime, half):
        pass
    assert await differences(runtime, story) != []


def test_every_event_has_an_id_of_its_own_and_says_what_is_invented(story: Story) -> None:
    assert len(story.ids) == len(story.lines)
    for line in story.lines:
        assert id_of(line.event).startswith(f"scenario:{story.name}:")
    assert story.about.invented
    assert story.about.sources


def test_a_shuffled_play_hands_in_everything_and_some_of_it_twice(story: Story) -> None:
    handed = [id_of(raw) for act in acts(story, shuffle=1) for raw in act.raws]
    assert set(handed) == story.ids
    assert len(handed) == len(story.lines) + len(story.lines) // 5
