"""Movements of animals between holdings, as registers export them: a table with a row a movement, read into events."""

from fieldline_trace.formats.movements.events import events_of
from fieldline_trace.formats.movements.rows import Movement, Refusal, read

__all__ = ["Movement", "Refusal", "events_of", "read"]
