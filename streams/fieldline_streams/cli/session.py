"""What every command shares: who speaks, where the data are, how it ends.

Exit codes: 0 done and all taken; 1 done, but something was refused, not found or found wrong, each named; 2 wrong use;
3 not reachable.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from fieldline_trace.errors import FieldlineError, NotFound, Unavailable
from fieldline_trace.settings import Settings
from rich.console import Console

from fieldline_streams.cli.views import console_of_people
from fieldline_streams.gateway import HttpGateway, Query, gateway

T = TypeVar("T")

DONE, FOUND_FAULT, WRONG_USE, NOT_REACHABLE = 0, 1, 2, 3

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
"""The option that every command with an answer has."""
AtPosition = Annotated[
    int | None, typer.Option("--at-position", min=0, help="Answer for what was known at this ledger position.")
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="TIME", help="Answer for what had been received by this time.")
]
"""With these two any answer that follows from the ledger may be asked for an earlier state of knowledge."""


@dataclass(slots=True)
class Session:
    """One run of the command line. What was said of sender and role on it stands in ``settings``."""

    settings: Settings
    out: Console = field(default_factory=console_of_people)
    err: Console = field(default_factory=lambda: Console(stderr=True, highlight=False, emoji=False))

    @property
    def sender(self) -> str:
        """Who speaks, where the key does not say it."""
        return self.settings.sender

    @property
    def role(self) -> str:
        """In which role, where the key does not say it."""
        return self.settings.role

    def run(self, work: Callable[[HttpGateway], Awaitable[T]], *, as_json: bool = False) -> T:
        """Do ``work`` at a service that runs, or in a runtime of our own; errors end the command with a word and its
        exit code."""

        async def inside() -> T:
            async with gateway(self.settings) as found:
                return await work(found)

        try:
            return asyncio.run(inside())
        except FieldlineError as error:
            self.fail(error, as_json=as_json)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None

    def ask(
        self,
        question: str,
        arguments: dict[str, Any],
        *,
        as_json: bool,
        moment: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, Any]:
        """The answer to one question. ``moment``: as :func:`moment_of` says it."""

        async def work(found: HttpGateway) -> dict[str, Any]:
            return await found.ask(question, arguments, moment)

        return self.run(work, as_json=as_json)

    def call(
        self, method: str, path: str, query: Query = (), body: Mapping[str, Any] | None = None, *, as_json: bool
    ) -> dict[str, Any]:
        """What the door answers there, where no question is asked."""

        async def work(found: HttpGateway) -> dict[str, Any]:
            return await found.call(method, path, query, body)

        return self.run(work, as_json=as_json)

    def fail(self, error: FieldlineError, *, as_json: bool = False) -> NoReturn:
        """Say what is wrong and end: 3 where the world is at fault, else 1."""
        near = list(error.near) if isinstance(error, NotFound) else []
        if as_json:
            self.print_json({"error": type(error).__name__, "message": str(error), "near": near})
        else:
            self.err.print(f"[bold red]{type(error).__name__}[/]: ", end="")
            self.err.print(str(error), markup=False, soft_wrap=True)
            if near:
                self.err.print("Near: ", end="")
                self.err.print(", ".join(near), markup=False, soft_wrap=True)
        raise typer.Exit(NOT_REACHABLE if isinstance(error, Unavailable) else FOUND_FAULT)

    def print_json(self, answer: Any) -> None:
        """``answer`` as JSON on standard output, whatever the terminal."""
        sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
        sys.stdout.flush()


def moment_of(at_position: int | None, as_of: str | None) -> dict[str, str]:
    """For which state of knowledge to ask, as parameters of a request; wrong use where both are named."""
    if at_position is not None and as_of is not None:
        raise typer.BadParameter("say --at-position or --as-of, not both")
    if at_position is not None:
        return {"position": str(at_position)}
    return {} if as_of is None else {"as_of": as_of}


def chosen(option: str, value: str | None, choices: Iterable[str]) -> None:
    """Wrong use where ``value`` is given and is none of ``choices``."""
    known = list(choices)
    if value is not None and value not in known:
        raise typer.BadParameter(f"{option} is one of {', '.join(known)}, not {value!r}")


def session_of(context: typer.Context) -> Session:
    """The session that the command line was started with."""
    found = context.obj
    if not isinstance(found, Session):
        raise TypeError("the command was called without a session")
    return found
