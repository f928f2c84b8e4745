"""Failures planted for the rules, with their truth: cases on both sides of what each rule asks.

``case`` is what a planter draws on, one module for each family of rules has the planters, ``planters`` lists them,
``plant`` draws a whole set, ``check`` plays one through the rules and counts. A new rule is a planter in the
module of its family, and a line in that module's ``PLANTERS``.
"""

from fieldline_trace.generate.faults.case import Drawn, Planted, Planter, Saying
from fieldline_trace.generate.faults.plant import Planting, plant
from fieldline_trace.generate.faults.planters import PLANTERS

__all__ = ["PLANTERS", "Drawn", "Planted", "Planter", "Planting", "Saying", "plant"]
