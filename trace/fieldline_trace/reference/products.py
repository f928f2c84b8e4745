"""Which product and which analyte a text means, and the classes that a product belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fieldline_schemas.batch_parts import unescaped


def even(text: str) -> str:
    """A name without what differs from one spelling to another: case and spaces."""
    return " ".join(text.split()).casefold()


@dataclass(frozen=True, slots=True)
class Products:
    """Products by spelling, and what each is within."""

    names: Mapping[str, str]
    within: Mapping[str, str]
    analytes: Mapping[str, str] = field(default_factory=dict)
    agricultural: frozenset[str] = frozenset()
    """Products that, with what is within them, stay agricultural products when they are packed."""

    @staticmethod
    def of(table: Mapping[str, Any]) -> Products:
        """From the table of ``products.toml``."""
        names: dict[str, str] = {}
        for product, said in table["product"].items():
            names.update({even(name): product for name in (product, *said["names"])})
        within = {product: said["within"] for product, said in table["product"].items() if "within" in said}
        analytes = {even(name): code for code, said in table["analyte"].items() for name in (code, *said)}
        agricultural = frozenset(product for product, said in table["product"].items() if said.get("agricultural"))
        return Products(names, within, analytes, agricultural)

    def chain(self, text: str) -> tuple[str, ...]:
        """The product that ``text`` names and its classes, the nearest first; empty where it is not listed.

        Exactly that name is looked for, no part of it: mooncake with celery is no celery.
        """
        found = self.names.get(even(text))
        chain: list[str] = []
        while found is not None and found not in chain:
            chain.append(found)
            found = self.within.get(found)
        return tuple(chain)

    def spoken(self, text: str, *, chinese: bool) -> str:
        """The product or analyte that ``text`` means, in English or Chinese; the text itself where it has no such
        name."""
        chain = self.chain(text)
        code = chain[0] if chain else self.analyte(text)
        known = bool(chain) or code in self.analytes.values()
        if not chinese:
            return code if known else text
        both = (*self.names.items(), *self.analytes.items())
        return next((name for name, of in both if of == code and _is_chinese(name)), text)

    def is_agricultural(self, text: str) -> bool:
        """Whether ``text`` names an agricultural product."""
        return not self.agricultural.isdisjoint(self.chain(text))

    def analyte(self, text: str) -> str:
        """The analyte that ``text`` means; the text itself, evened out, where it is not listed."""
        return self.analytes.get(even(text), even(text))


def _is_chinese(name: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in name)


def parts_issuer(batch: str) -> str:
    """The issuer in a batch's key ``operator/product/lot``; empty where the key says none."""
    parts = batch.split("/")
    return unescaped(parts[0]) if len(parts) >= 3 and ":" not in parts[0] else ""


def product_of(batch: str) -> str:
    """The product in a batch's key ``operator/product/lot``, as written; empty where the key says none."""
    parts = batch.split("/")
    return unescaped(parts[1]) if len(parts) >= 3 and ":" not in parts[0] else ""
