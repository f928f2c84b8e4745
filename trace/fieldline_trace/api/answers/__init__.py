"""One module a question: the arguments that it takes, and the answer as JSON-ready values.

Every answer names ``position``: the last ledger position that it is true for. Batches may be asked for in any
spelling; where a batch is not known, ``NotFound`` carries those that are near.
"""

from fieldline_trace.api.answers.desk import Desk
from fieldline_trace.api.answers.question import QUESTIONS, Question, answer

__all__ = ["QUESTIONS", "Desk", "Question", "answer"]
