"""Reference data: what law, science or practice set, as dated files with their source; ``load`` reads them."""

from fieldline_trace.reference.load import Absence, Hazard, Reference, load_reference

__all__ = ["Absence", "Hazard", "Reference", "load_reference"]
