"""The greatest yield of a step, by its kind and by what it makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fieldline_trace.reference.products import Products


@dataclass(frozen=True, slots=True)
class Yields:
    """How much may come out of one part that went in."""

    tolerance: Decimal
    """What is above the greatest yield times this is an alarm."""
    kinds: Mapping[str, Decimal]
    products: Mapping[tuple[str, str], Decimal]
    """(kind, product or class) -> its greatest yield."""
    names: Products

    @classmethod
    def of(cls, table: Mapping[str, Any], names: Products) -> Yields:
        """From the file."""
        return cls(
            Decimal(table["tolerance"]),
            {kind: Decimal(greatest) for kind, greatest in table["kind"].items()},
            {(one["kind"], one["name"]): Decimal(one["greatest"]) for one in table.get("product", ())},
            names,
        )

    def greatest(self, kind: str, made: Iterable[str]) -> Decimal | None:
        """Of a step of that kind that makes these products: the greatest of theirs, each by its own name, else its
        nearest class, else the kind's; None where nothing is known of one."""
        found: list[Decimal] = []
        for product in made:
            chain = self.names.chain(product)
            own = next((self.products[kind, name] for name in chain if (kind, name) in self.products), None)
            least = self.kinds.get(kind) if own is None else own
            if least is None:
                return None
            found.append(least)
        return max(found, default=self.kinds.get(kind))
