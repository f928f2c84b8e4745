"""The index gives what the plain model gives, however it came to know what it knows."""

from __future__ import annotations

from typing import Any

from fieldline_trace.lineage.plain import Holding, PlainLineage, Step
from fieldline_trace.lineage.terms import WITHDRAWN
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.lineage.strategies import BATCHES, asked, bases, hows, sames, worlds
from tests.unit.lineage.worlds import Indexed, indexed


def held_to(world: Indexed, plain: PlainLineage) -> None:
    """Every holding and batch, both ways."""
    seeds: list[str | Holding] = [*sorted(plain.holdings), *BATCHES]
    for seed in seeds:
        assert world.forward([seed]) == plain.forward([seed]), ("forward", seed)
        assert world.backward([seed]) == plain.backward([seed]), ("backward", seed)
    for h in plain.holdings:
        number = world.index.holding_of(world.batch(h.batch), world.site(h.site))
        assert number is not None
        gap, expected = world.index.gap_state(number), plain.gap(h)
        found = gap and (set(gap.unexplained), set(gap.origin))
        assert found == (expected and (set(expected.unexplained), set(expected.origin))), h


@given(worlds(), sames, st.sampled_from([1, 2, 5, None]))
def test_the_index_answers_as_the_plain_model(steps: list[Step], same: list[list[str]], at_once: int | None) -> None:
    held_to(indexed(steps, same, at_once=at_once), PlainLineage(steps, same))


@given(worlds(), st.lists(asked, min_size=1, max_size=3), hows)
def test_it_does_so_with_every_option(steps: list[Step], seeds: list[str | Holding], how: dict[str, Any]) -> None:
    world, plain = indexed(steps), PlainLineage(steps)
    assert world.forward(seeds, **how) == plain.forward(seeds, **how)
    assert world.backward(seeds, **how) == plain.backward(seeds, **how)


@given(st.data())
def test_the_order_of_steps_does_not_matter(data: st.DataObject) -> None:
    steps = data.draw(worlds())
    shuffled = data.draw(st.permutations(steps))
    held_to(indexed(shuffled, at_once=data.draw(st.sampled_from([1, 3, None]))), PlainLineage(steps))


@given(st.data())
def test_what_is_withdrawn_was_never_said_and_can_stand_again(data: st.DataObject) -> None:
    steps = data.draw(worlds())
    world = indexed(steps, at_once=data.draw(st.sampled_from([2, None])))
    stands = {step.event: step.basis for step in steps}
    for _ in range(data.draw(st.integers(1, 4))):
        some = data.draw(st.sets(st.sampled_from(sorted(stands)), min_size=1))
        basis = data.draw(st.one_of(st.just(WITHDRAWN), bases))
        world.index.set_basis(sorted(some), basis)
        steps = [step._replace(basis=basis) if step.event in some else step for step in steps]
    held_to(world, PlainLineage(steps))


@given(worlds(), worlds(most=4), st.data())
def test_an_event_that_was_withdrawn_may_be_said_anew(steps: list[Step], anew: list[Step], data: st.DataObject) -> None:
    world = indexed(steps)
    event = data.draw(st.sampled_from(sorted({step.event for step in steps})))
    anew = [step._replace(event=event) for step in anew]
    world.index.set_basis([event], WITHDRAWN)
    world.apply(anew)
    held_to(world, PlainLineage([step for step in steps if step.event != event] + anew))


@given(worlds(), sames, sames)
def test_parting_batches_undoes_joining_them(steps: list[Step], same: list[list[str]], other: list[list[str]]) -> None:
    world = indexed(steps[: len(steps) // 2], same)
    for claim, group in enumerate(other):
        world.join(group, claim)
    world.apply(steps[len(steps) // 2 :])
    held_to(world, PlainLineage(steps, same + other))
    for claim in range(len(other)):
        world.index.part(claim)
    held_to(world, PlainLineage(steps, same))


@given(st.data())
def test_an_answer_that_changes_was_touched(data: st.DataObject) -> None:
    steps = data.draw(worlds())
    cut = data.draw(st.integers(1, len(steps)))
    world = indexed(steps[:cut])
    seeds = [holding for key in BATCHES for holding in world.index.holdings_of(world.batch(key))]
    kept = {}
    for holding in seeds:
        for ask in (world.forward, world.backward):
            seed = world.holding(holding)
            trace = getattr(world.index, ask.__name__)([world.seed(seed)])
            kept[ask, seed] = set(trace.closure().tolist()), world.answer(trace)
    match data.draw(st.sampled_from(["apply", "withdraw", "join"])):
        case "apply":
            touched = world.apply(steps[cut:])
        case "withdraw":
            touched = world.index.set_basis([data.draw(st.sampled_from(steps)).event], WITHDRAWN)
        case _:
            touched = world.join(["p/L1", data.draw(st.sampled_from(["p/L2", "q/L1", "p/~T"]))], 99)
    changed = set(touched.holdings.tolist())
    for (ask, seed), (closure, before) in kept.items():
        if not closure & changed:
            assert ask([seed]) == before, (ask.__name__, seed)
