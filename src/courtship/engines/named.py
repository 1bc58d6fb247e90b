"""Engines by address: ``threads://2``, ``processes://2``, ``dask://host:port``."""

from __future__ import annotations

from courtship.engines.base import Engine
from courtship.engines.local import Processes, Threads
from courtship.errors import EngineFailure

FORMS = "threads://2, processes://2 or dask://host:port"


def open_engine(address: str) -> Engine:
    """The engine at an address. Raises EngineFailure for one that is none, or that does not answer.

    >>> with open_engine("threads://2") as engine:
    ...     engine.map(abs, [-1, 2])
    [1, 2]
    """
    kind, _, rest = address.partition("://")
    if kind == "dask" and rest:
        from courtship.engines.dask import Dask

        return Dask(rest)
    number = int(rest or 2) if (rest or "2").isdecimal() and len(rest) < 4 else 0
    if kind in ("threads", "processes") and number:
        return Threads(number) if kind == "threads" else Processes(number)
    raise EngineFailure(f"{address!r} is no engine; write {FORMS}.")
