"""Rules of lineage and recall, each broken on purpose in one place, and the test that has to notice."""

from __future__ import annotations

from typing import Final, NamedTuple

_KERNEL: Final = "lineage/kernels/forward.py"
_AGREEMENT: Final = "tests/unit/lineage/test_agreement.py::test_the_index_answers_as_the_plain_model"
_WORLD: Final = "tests/unit/follow/test_against_plain_world.py"


class Broken(NamedTuple):
    """A rule, and how it is broken."""

    rule: str
    where: str
    """File below ``trace/fieldline_trace``."""
    text: str
    """What stands there, once."""
    instead: str
    test: str
    """Which has to fail."""


BROKEN: Final = (
    Broken(
        "what was drawn before it was filled is kept out",
        "lineage/closures.py",
        "seeds, allowed, times, end, cut)",
        "seeds, allowed, False, end, cut)",
        _AGREEMENT,
    ),
    Broken(
        "what may have come is possible, not definite",
        _KERNEL,
        "sure = link & TIMELESS or u_hi <= known[d, 0] or alone",
        "sure = True",
        _AGREEMENT,
    ),
    Broken("a lot is whole", _KERNEL, "                        whole = True\n", "", _AGREEMENT),
    Broken(
        "of a lot made by several events each is possible",
        _KERNEL,
        "to = level if level < 3 or fl & BORN_ONCE else 2",
        "to = level",
        _AGREEMENT,
    ),
    Broken(
        "the pool of a product is fed by its lots",
        "lineage/kernels/gaps.py",
        'return bool(pool >= 0 and hot[pool]["drawn"] != UNDRAWN)',
        "return False",
        _AGREEMENT,
    ),
    Broken(
        "what holds a lot without a record of how it came is fed from where else the lot is",
        "lineage/kernels/gaps.py",
        'return hot[node]["flags"] & (UNEXPLAINED | LOT) == UNEXPLAINED | LOT and not is_start(hot, lots, node)',
        "return False",
        _AGREEMENT,
    ),
    Broken(
        "back is back",
        "lineage/closures.py",
        "kernel = forward if ahead else backward",
        "kernel = backward if ahead else forward",
        _AGREEMENT,
    ),
    Broken(
        "what was withdrawn was never said",
        "follow/bases.py",
        "basis = BASIS[states.pop()] if states else WITHDRAWN",
        "basis = BASIS[states.pop()] if states else RECORDED",
        _WORLD,
    ),
    Broken(
        "chains past a kill step are told from those through it",
        "recall/demotion.py",
        "forward, without = index.forward(asked), index.forward(asked, without=kills)",
        "forward, without = index.forward(asked), index.forward(asked)",
        "tests/unit/follow/test_kill_steps.py",
    ),
    Broken(
        "what comes lower stays a member",
        "follow/world.py",
        "        return reach, self.demotions(seeds, reach.table, hazard_class)\n",
        """        import dataclasses

        lower = self.demotions(seeds, reach.table, hazard_class)
        kept = reach.table.take(~np.isin(reach.table.holding, list(lower)))
        return dataclasses.replace(reach, table=kept), lower
""",
        "tests/unit/follow/test_kill_steps.py",
    ),
    Broken(
        "nothing leaves an open scope by itself",
        "recall/rows.py",
        "stays = (state == UNSUPPORTED) | (keep & recorded & (state != RELEASED))",
        "stays = state == UNSUPPORTED",
        _WORLD,
    ),
    Broken(
        "suspects are held by nobody's decision but a person's",
        "recall/rows.py",
        "about = (table.role <= DESCENDANT) | (table.role == SAME_WINDOW)",
        "about = (table.role <= DESCENDANT + 1) | (table.role == SAME_WINDOW)",
        _WORLD,
    ),
    Broken(
        "a closed scope is watched",
        "recall/docket.py",
        'if "closed" in (pending.status, self.scopes[name].status)',
        'if "lapsed" in (pending.status, self.scopes[name].status)',
        "tests/unit/follow/test_decisions.py",
    ),
    Broken(
        "a lot of which no date is said fits",
        "follow/predicates.py",
        "if until >= FOREVER:\n                return True",
        "if until >= FOREVER:\n                return False",
        "tests/unit/follow/test_predicates.py",
    ),
    Broken(
        "an earlier position has the entry at it, and none after",
        "follow/fetch.py",
        "for entry in ledger.entries[:until]:",
        "for entry in ledger.entries[: until and until - 1]:",
        "tests/unit/follow/test_order.py",
    ),
)
