"""FoodChain-Lab's exchange format (JSON, version 1): a network of stations, deliveries and relations, read into events.

In that format a relation joins one delivery to another, so here a delivery is a batch of its own and keeps its lot
number as a label: answers can be had by delivery, by lot and by station.
"""

from fieldline_trace.formats.fcl.document import Network, read
from fieldline_trace.formats.fcl.events import Conversion, events_of
from fieldline_trace.formats.fcl.refusals import Refusal

__all__ = ["Conversion", "Network", "Refusal", "events_of", "read"]
