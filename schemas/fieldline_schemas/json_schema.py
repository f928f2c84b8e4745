"""The contract as JSON Schema (draft 2020-12), for producers in any language.

``json/KIND.json`` is committed and shipped; ``python -m fieldline_schemas.json_schema`` writes it anew, and a test
fails when it has drifted. The schema says what structure and spelling an event has; check digits, real dates and which
fields go together are only said by the contract itself.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from fieldline_schemas.registry import KINDS, contract_model

BASE = "https://fieldline.example/schemas/"


def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema of a kind of event; ``Fault`` where there is no such kind."""
    model = contract_model(kind)
    schema = model.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{BASE}{kind}.v{model.VERSION}.json",
        **schema,
    }


def shipped(kind: str) -> str:
    """The JSON Schema of a kind as it is shipped."""
    return files("fieldline_schemas").joinpath("json", f"{kind}.json").read_text("utf-8")


def written(kind: str) -> str:
    """The JSON Schema of a kind as it should be shipped."""
    return json.dumps(schema_of(kind), indent=1, ensure_ascii=False) + "\n"


def write(folder: Path) -> list[Path]:
    """Write the schemas of all kinds into ``folder``; those that changed."""
    changed = []
    for kind in KINDS.models:
        path = folder / f"{kind}.json"
        if not path.exists() or path.read_text("utf-8") != written(kind):
            path.write_text(written(kind), "utf-8")
            changed.append(path)
    return changed


if __name__ == "__main__":
    for path in write(Path(__file__).parent / "json"):
        print(path)
