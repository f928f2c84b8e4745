"""What each role may see: of every answer, what is shown to whom.

``answered.answer_for`` is the one place where answers are cut. A role's view (``operators``, ``jurisdiction``,
``laboratories``) says how much of each holding and event its caller may know; ``lineages``, ``judged``, ``scoped`` and
``sourced`` leave out of an answer what is beyond. What may not be known is answered like what does not exist.
"""

from fieldline_trace.api.answers.grids import Grids
from fieldline_trace.api.visible.answered import Shown, answer_for, granted, view_of

__all__ = ["Grids", "Shown", "answer_for", "granted", "view_of"]
