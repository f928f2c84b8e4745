"""How kernels are compiled: by numba, without the interpreter's lock, kept on disk for the next process.

numba takes a kernel from disk as long as the file that it stands in is unchanged, whatever its helpers in other files
are by now. So what is kept is kept apart for each state of this folder's sources, under ``NUMBA_CACHE_DIR`` or
``__pycache__``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeVar, cast

import numba
from numba import config

F = TypeVar("F", bound=Callable[..., object])
_CACHE_DIR: Final = "CACHE_DIR"


@cache
def _folder_of(cache_dir: str) -> str:
    here = Path(__file__).parent
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(here.glob("*.py"))))
    return str(Path(cache_dir or here / "__pycache__") / f"fieldline-{digest.hexdigest()[:12]}")


def inlined(function: F) -> F:
    """``function`` put into each kernel that calls it, before types are known: handed on as they are, columns cost
    nothing, while a call counts a reference to each of them."""
    return _compiled(function, inline="always")


def kernel(function: F) -> F:
    """``function`` compiled at its first call with each set of types."""
    return _compiled(function, inline="never")


def _compiled(function: F, inline: Literal["always", "never"]) -> F:
    before: str = getattr(config, _CACHE_DIR)
    setattr(config, _CACHE_DIR, _folder_of(before))
    try:
        return cast(F, numba.njit(cache=True, nogil=True, inline=inline)(function))
    finally:
        setattr(config, _CACHE_DIR, before)
