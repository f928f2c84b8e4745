"""Logs of processes that run: lines for people, or JSON objects for programs, with what each is about.

``extra`` says what a line is about: ``position``, numbers of what was ``rejected``, ``topic`` and ``offset``.

What may stand in a log: times, names of parts, numbers of events, positions, counts, kinds of faults. Keys, passwords
and signatures do not, wherever they come from: they are cut out of every line.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import structlog
from fieldline_trace.settings import Settings

_TALKATIVE: Final = ("mode", "faust", "aiokafka")
_TELLING: Final = ("httpx", "httpcore")
"""They say each address that is posted to, and what in it only the receiver is to know."""
_SECRET: Final = re.compile(
    r"flk_[A-Za-z0-9]+_[A-Za-z0-9_-]+"  # a key of ours
    r"|whsec_[A-Za-z0-9+/=]+"  # what notices are signed with
    r"|v1,[A-Za-z0-9+/]{43}="  # and their signatures
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # user and password in an address
    r"|(?<=password[\"'=:])\s*\S+",
    re.IGNORECASE,
)


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Log to ``stream``, standard error by default, in the form that the settings name."""
    as_json = settings.log_format == "json"
    shared: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    out = sys.stderr if stream is None else stream
    last: list[Any] = (
        [structlog.processors.format_exc_info, _without_secrets, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        else [
            structlog.processors.format_exc_info,
            _without_secrets,
            structlog.dev.ConsoleRenderer(colors=out.isatty(), pad_event_to=0),
        ]
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in _TALKATIVE:
        # What they say of each timer that is late is of use to whoever asks for everything.
        logging.getLogger(name).setLevel(logging.NOTSET if settings.log_level == "debug" else logging.WARNING)
    for name in _TELLING:
        logging.getLogger(name).setLevel(logging.WARNING)


def _without_secrets(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in entry.items():
        if isinstance(value, str):
            entry[name] = _SECRET.sub("…", value)
    return entry
