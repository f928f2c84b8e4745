"""Networks of a food chain drawn at random, with what truly happened: for tests, benches and trying things out."""

from fieldline_trace.generate.events import events
from fieldline_trace.generate.network import Network, network
from fieldline_trace.generate.truth import Truth, truth

__all__ = ["Network", "Truth", "events", "network", "truth"]
