"""Routes of questions, declared once: the server makes its endpoints of them, and the command line its requests.

The arguments of a question are the fields of its model. Those that the path names stand in the path; the others are
query parameters of a GET, or the JSON object of a POST.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, create_model

_PARAMETER = re.compile(r"\{(\w+)\}")


FILLED = ("by",)
"""Arguments that nobody says: the door knows them. ``by`` is the caller's sender."""


@dataclass(frozen=True)
class QuestionRoute:
    """Where ``question`` is asked: ``GET /v1/scopes/{scope}``."""

    question: str
    method: str
    path: str

    @property
    def operation(self) -> str:
        """The name in the table of roles and in OpenAPI: the question's, without spaces."""
        return self.question.replace(" ", "_")

    @property
    def arguments(self) -> type[BaseModel]:
        """The model of the question's arguments."""
        from fieldline_trace.api.answers import QUESTIONS  # whoever only asks does without all that answers

        return QUESTIONS[self.question][0]

    @cached_property
    def in_path(self) -> tuple[str, ...]:
        """Arguments that the path names."""
        return tuple(_PARAMETER.findall(self.path))

    @property
    def in_query(self) -> bool:
        """Whether the arguments that are not in the path are in the query; else they are in the body."""
        return self.method == "GET"

    @cached_property
    def in_body(self) -> type[BaseModel]:
        """The model of the body: the arguments that are not in the path."""
        if not {*self.in_path, *FILLED} & set(self.arguments.model_fields):
            return self.arguments
        fields: dict[str, Any] = {
            name: (field.annotation, field)
            for name, field in self.arguments.model_fields.items()
            if name not in self.in_path and name not in FILLED
        }
        return create_model(self.arguments.__name__, __config__=ConfigDict(extra="forbid"), **fields)

    def request(self, arguments: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]], dict[str, Any] | None]:
        """Path, query and body that ask for ``arguments``; None among them is left out."""
        said = {name: value for name, value in arguments.items() if value is not None and name not in FILLED}
        path = _PARAMETER.sub(lambda found: quote(str(said.pop(found[1], "")), safe=""), self.path)
        if not self.in_query:
            return path, [], said
        query = []
        for name, value in said.items():
            for one in value if isinstance(value, list | tuple) else (value,):
                query.append((name, str(one).lower() if isinstance(one, bool) else str(one)))
        return path, query, None
