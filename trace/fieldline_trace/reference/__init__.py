"""Reference data: what law, science or practice set, as dated files with their source; ``load`` reads them, ``limits``
says which limit a result meets, ``values`` what a laboratory wrote."""

from fieldline_trace.reference.load import Absence, Hazard, Reference, load_reference

__all__ = ["Absence", "Hazard", "Reference", "load_reference"]
