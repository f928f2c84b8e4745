"""What stands: each rule of standing with each side of its boundary, and that order says nothing."""

from __future__ import annotations

from fieldline_trace.follow.standing import Correction, Standing, State, Statement, Verdict, strongly_connected
from hypothesis import given
from hypothesis import strategies as st

FARM, DAIRY, STRANGER, COUNTY = 1, 2, 3, 4


def event(
    number: int, identity: int | None = None, *, sender: int = FARM, operator: int = DAIRY, authority: bool = False
) -> Statement:
    return Statement(number, identity or number, sender, operator, authority, frozenset({f"d{number}"}))


def correction(number: int, target: int, *, digest: str | None = None, by: tuple[int, ...] | None = None) -> Correction:
    replacements = tuple(frozenset({one}) for one in by or ())
    return Correction(number, target, digest, by is not None, replacements)


Said = Statement | tuple[Statement, Correction]


def verdict(*said: Said) -> Verdict:
    standing = Standing()
    for one in said:
        if isinstance(one, Statement):
            standing.say(one)
        else:
            standing.say(one[0])
            standing.correct(one[0].identity, one[1])
    return standing.solve(standing.watched)


def test_a_single_statement_is_recorded() -> None:
    assert verdict(event(10)).states == {10: State.RECORDED}


def test_all_variants_of_an_id_stand_as_conflicting() -> None:
    assert verdict(event(10, 10), event(11, 10)).states == {10: State.CONFLICTING, 11: State.CONFLICTING}


def test_a_correction_by_digest_decides_between_variants() -> None:
    outcome = verdict(event(10, 10), event(11, 10), (event(20), correction(20, 10, digest="d10")))
    assert outcome.states == {10: State.WITHDRAWN, 11: State.RECORDED, 20: State.RECORDED}
    assert outcome.causes == {10: (20,)}


def test_a_correction_without_digest_disputes_all_variants_and_withdraws_none() -> None:
    outcome = verdict(event(10, 10), event(11, 10), (event(20), correction(20, 10)))
    assert outcome.states == {10: State.DISPUTED, 11: State.DISPUTED, 20: State.RECORDED}


def test_a_correction_without_digest_withdraws_the_one_variant_that_another_correction_left() -> None:
    outcome = verdict(
        event(10, 10), event(11, 10), (event(20), correction(20, 10, digest="d10")), (event(21), correction(21, 10))
    )
    assert outcome.states[10] is State.WITHDRAWN
    assert outcome.states[11] is State.WITHDRAWN


def test_a_correction_counts_from_the_sender_the_operator_and_an_authority() -> None:
    for by in (event(20, sender=FARM), event(20, sender=DAIRY), event(20, sender=COUNTY, authority=True)):
        assert verdict(event(10), (by, correction(20, 10))).states[10] is State.WITHDRAWN


def test_a_correction_by_anyone_else_is_refused_and_changes_nothing() -> None:
    outcome = verdict(event(10), (event(20, sender=STRANGER), correction(20, 10)))
    assert outcome.states[10] is State.RECORDED
    assert outcome.refused == {20}


def test_an_event_without_operator_is_not_corrected_by_a_sender_without_number() -> None:
    outcome = verdict(event(10, operator=0), (event(20, sender=0), correction(20, 10)))
    assert outcome.states[10] is State.RECORDED


def test_a_refused_correction_that_is_withdrawn_is_refused_no_longer() -> None:
    outcome = verdict(
        event(10), (event(20, sender=STRANGER), correction(20, 10)), (event(21, sender=STRANGER), correction(21, 20))
    )
    assert outcome.refused == frozenset()


def test_a_correction_of_something_unknown_is_neither_refused_nor_of_effect() -> None:
    outcome = verdict((event(20), correction(20, 10)))
    assert outcome.states == {20: State.RECORDED}
    assert outcome.refused == frozenset()


def test_a_digest_that_no_variant_has_names_nothing() -> None:
    assert verdict(event(10), (event(20), correction(20, 10, digest="other"))).states[10] is State.RECORDED


def test_what_is_replaced_stays_disputed_until_every_replacement_has_come() -> None:
    said: list[Said] = [event(10), (event(20), correction(20, 10, by=(30, 31))), event(30)]
    assert verdict(*said).states[10] is State.DISPUTED
    assert verdict(*said, event(31)).states[10] is State.WITHDRAWN


def test_an_event_does_not_replace_itself() -> None:
    assert verdict(event(10), (event(20), correction(20, 10, by=(10,)))).states[10] is State.DISPUTED


def test_a_variant_replaced_by_another_of_the_same_id_leaves_that_one() -> None:
    outcome = verdict(event(10, 10), event(11, 10), (event(20), correction(20, 10, digest="d10", by=(10,))))
    assert outcome.states == {10: State.WITHDRAWN, 11: State.RECORDED, 20: State.RECORDED}


def test_a_withdrawn_correction_has_no_effect() -> None:
    outcome = verdict(event(10), (event(20), correction(20, 10)), (event(21), correction(21, 20)))
    assert outcome.states == {10: State.RECORDED, 20: State.WITHDRAWN, 21: State.RECORDED}


def test_a_disputed_correction_can_only_dispute() -> None:
    outcome = verdict(event(10), (event(20), correction(20, 10)), (event(21), correction(21, 20, by=(30,))))
    assert outcome.states[10] is State.DISPUTED


def test_variants_of_a_correction_withdraw_only_what_all_of_them_withdraw() -> None:
    first, second = event(20, 20), event(21, 20)
    agreeing = verdict(event(10), (first, correction(20, 10)), (second, correction(21, 10)))
    assert agreeing.states[10] is State.WITHDRAWN
    differing = verdict(event(10), event(11), (first, correction(20, 10)), (second, correction(21, 11)))
    assert differing.states[10] is State.DISPUTED
    assert differing.states[11] is State.DISPUTED


def test_corrections_in_a_circle_have_no_effect_on_each_other() -> None:
    outcome = verdict(event(10), (event(20), correction(20, 21)), (event(21), correction(21, 20)))
    assert outcome.states == {10: State.RECORDED, 20: State.RECORDED, 21: State.RECORDED}
    assert outcome.cyclic == {20, 21}


def test_a_correction_of_itself_is_a_circle() -> None:
    outcome = verdict((event(20), correction(20, 20)))
    assert outcome.states == {20: State.RECORDED}
    assert outcome.cyclic == {20}


def test_a_circle_that_something_outside_breaks_is_none() -> None:
    outcome = verdict((event(20), correction(20, 21)), (event(21), correction(21, 20)), (event(22), correction(22, 20)))
    assert outcome.states == {20: State.WITHDRAWN, 21: State.RECORDED, 22: State.RECORDED}
    assert outcome.cyclic == frozenset()


def test_a_refused_correction_makes_no_circle() -> None:
    outcome = verdict((event(20), correction(20, 21)), (event(21, sender=STRANGER), correction(21, 20)))
    assert outcome.cyclic == frozenset()
    assert outcome.states[20] is State.RECORDED


def test_a_chain_of_ten_thousand_corrections_is_ordinary_input() -> None:
    chain: list[Said] = [event(1)]
    chain += [(event(n), correction(n, n - 1)) for n in range(2, 10_001)]
    outcome = verdict(*chain)
    assert outcome.states[10_000] is State.RECORDED
    assert outcome.states[9_999] is State.WITHDRAWN
    assert outcome.states[1] is State.WITHDRAWN


def test_components_come_after_what_they_lead_to() -> None:
    assert strongly_connected({1: {2}, 2: {3}, 3: {2}, 4: {1}}) == [[2, 3], [1], [4]]


@st.composite
def sayings(draw: st.DrawFn) -> list[tuple[Statement, Correction | None]]:
    """Up to eight statements under up to five identities, half of them corrections of one another."""
    said: list[tuple[Statement, Correction | None]] = []
    for number in range(1, draw(st.integers(1, 8)) + 1):
        identity = draw(st.integers(1, 5))
        who = draw(st.sampled_from([FARM, DAIRY, STRANGER, COUNTY]))
        statement = event(number, identity, sender=who, authority=who == COUNTY)
        correct = None
        if draw(st.booleans()):
            digest = draw(st.sampled_from([None, "d1", "d2", "d3", "d4"]))
            by = draw(st.none() | st.tuples(st.integers(1, 6)))
            correct = correction(number, draw(st.integers(1, 5)), digest=digest, by=by)
        said.append((statement, correct))
    return said


@given(sayings(), st.randoms(use_true_random=False))
def test_what_stands_does_not_depend_on_order_or_repetition(said, random) -> None:  # type: ignore[no-untyped-def]
    def told(order: list[tuple[Statement, Correction | None]]) -> Verdict:
        standing = Standing()
        for statement, correct in order:
            standing.say(statement)
            if correct is not None:
                standing.correct(statement.identity, correct)
        return standing.solve(standing.watched)

    shuffled = said + said[:3]
    random.shuffle(shuffled)
    assert told(shuffled) == told(said)


@given(sayings())
def test_solving_as_statements_come_ends_where_solving_all_at_once_does(said) -> None:  # type: ignore[no-untyped-def]
    standing = Standing()
    states: dict[int, State] = {}
    refused: set[int] = set()
    for statement, correct in said:
        standing.say(statement)
        if correct is not None:
            standing.correct(statement.identity, correct)
        outcome = standing.solve([statement.identity])
        states.update(outcome.states)
        refused = {n for n in refused if n not in outcome.states} | outcome.refused
    whole = standing.solve(standing.watched)
    assert states == whole.states
    assert refused == whole.refused
