"""A Dask cluster that is there already: a scheduler and workers on which Courtship is installed.

The scheduler gives the work of a worker that dies to another one (tried with ``kill -9``). Task keys are
never used twice, for Dask answers a key that it knows from memory.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import TypeVar

from courtship.engines.base import Engine
from courtship.errors import EngineFailure

T = TypeVar("T")
R = TypeVar("R")

ANSWERS = 10
"""Seconds within which the scheduler must answer."""

TRIES = 3
"""Workers that may die over one piece of work before it is given up."""


class Dask(Engine):
    """The cluster whose scheduler is at ``address`` (``host:port``). Raises EngineFailure where none
    answers, or where Dask is not installed."""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise EngineFailure(
                "Dask is not installed; install it with: pip install 'courtship[dask]'."
            ) from error
        try:
            self._client = Client(f"tcp://{address}", timeout=ANSWERS, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise EngineFailure(
                f"No Dask scheduler answers at {address}; start one (dask scheduler) or correct the address."
            ) from error

    def map(self, function: Callable[[T], R], things: Sequence[T]) -> list[R]:
        """See ``base.Engine``. Waits for a worker where there is none yet."""
        from distributed import KilledWorker

        run = secrets.token_hex(8)
        futures = [
            self._client.submit(function, thing, key=f"courtship-{run}-{number}", pure=False, retries=TRIES)
            for number, thing in enumerate(things)
        ]
        try:
            return list(self._client.gather(futures))
        except KilledWorker as error:
            raise EngineFailure(
                f"{TRIES} workers died over one piece of work; give them more memory, or write the lake anew"
                " with more buckets."
            ) from error

    def close(self) -> None:
        """See ``base.Engine``."""
        self._client.close()
