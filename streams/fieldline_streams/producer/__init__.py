"""For those who emit: events to Kafka, validated, signed, in order to be taken once. docs/guide/kafka.md shows how."""

from .events import raw_of
from .outbox import Message, Outbox, Placed
from .producer import Producer, Sent

__all__ = ["Message", "Outbox", "Placed", "Producer", "Sent", "raw_of"]
