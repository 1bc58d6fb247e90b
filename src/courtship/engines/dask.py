"""A Dask cluster that is there already: a scheduler and workers on which Courtship is installed.

The scheduler gives the work of a worker that dies to another one (tried with ``kill -9``). Task keys are
never used twice, for Dask answers a key that it knows from memory.
"""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from typing import TypeVar

from courtship.engines.base import Engine
from courtship.errors import EngineFailure

T = TypeVar("T")
R = TypeVar("R")

_ADDRESS = re.compile(r"([\w.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}")

ANSWERS = 10
"""Seconds within which the scheduler must answer."""

WORKERS = 60
"""Seconds within which it must have a worker."""

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
        if not _ADDRESS.fullmatch(address):
            raise EngineFailure(
                f"{address!r} is no address of a Dask scheduler; write dask://host:port, e.g. dask://127.0.0.1:8786."
            )
        self._address = address
        try:
            self._client = Client(f"tcp://{address}", timeout=ANSWERS, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise EngineFailure(
                f"No Dask scheduler answers at {address}; start one (dask scheduler) or correct the address."
            ) from error

    def map(self, function: Callable[[T], R], things: Sequence[T]) -> list[R]:
        """See ``base.Engine``. Waits for a worker where there is none yet, for ``WORKERS`` seconds."""
        from distributed import KilledWorker
        from distributed.comm import CommClosedError

        try:
            self._client.wait_for_workers(1, timeout=WORKERS)
        except TimeoutError as error:
            raise EngineFailure(
                f"The Dask scheduler at {self._address} has no worker; start one: dask worker"
                f" {self._address}."
            ) from error

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
        except ImportError as error:
            raise EngineFailure(
                f"A worker cannot do it ({error}); install the same version of Courtship on all of them."
            ) from error
        except (CancelledError, CommClosedError) as error:
            raise EngineFailure(
                f"The Dask scheduler at {self._address} went away meanwhile; start it again and ask anew."
            ) from error

    def close(self) -> None:
        """See ``base.Engine``."""
        with contextlib.suppress(TimeoutError):  # of a scheduler that is no more nothing is held
            self._client.close()
