"""Classes of hazards: what decides how far a scope reaches."""

from __future__ import annotations

from typing import Annotated, Final

from fieldline_schemas.fields import choice

HAZARD_CLASSES: Final = {
    "pathogen": "vegetative pathogen: grows, and is killed by heating",
    "toxin": "spore, toxin, histamine or virus: heating does not end it",
    "residue": "residue of a pesticide or veterinary drug, or a metal",
    "banned": "banned or non-food substance",
    "mycotoxin": "mould toxin of field, silo or store",
    "allergen": "allergen that is not declared",
    "foreign_body": "glass, metal, plastic and the like",
    "label": "fault of the label",
    "fraud": "claim without support",
    "temperature": "temperature abuse",
}
"""By code."""

HazardClass = Annotated[str, choice(*HAZARD_CLASSES)]
