"""EPCIS 2.0 in JSON-LD (GS1 EPCIS and CBV 2.0.1), read into events.

Documents are judged by rules of our own, formats asserted, and refused event by event with field, value and rule. What
has no meaning here is kept with its event as the extension ``x-epcis``. What is not resolved is said in ``units``
(contents of pallets across documents) and ``corrections``.
"""

from fieldline_trace.formats.epcis.conversion import Conversion, Refusal, events_of
from fieldline_trace.formats.epcis.document import Document, read

__all__ = ["Conversion", "Document", "Refusal", "events_of", "read"]
