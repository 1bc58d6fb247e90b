"""This machine: threads of this process, or processes of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeVar

from courtship.engines.base import Engine
from courtship.errors import EngineFailure

T = TypeVar("T")
R = TypeVar("R")


class Threads(Engine):
    """``number`` threads of this process; compiled code runs in them side by side."""

    def __init__(self, number: int = 2) -> None:
        self._pool = ThreadPoolExecutor(number, thread_name_prefix="courtship-engine")

    def map(self, function: Callable[[T], R], things: Sequence[T]) -> list[R]:
        """See ``base.Engine``."""
        return list(self._pool.map(function, things))

    def close(self) -> None:
        """See ``base.Engine``."""
        self._pool.shutdown(cancel_futures=True)


class Processes(Engine):
    """``number`` processes, started anew (nothing of this one's state goes with them)."""

    def __init__(self, number: int = 2) -> None:
        self._pool = ProcessPoolExecutor(number, mp_context=get_context("spawn"))

    def map(self, function: Callable[[T], R], things: Sequence[T]) -> list[R]:
        """See ``base.Engine``. A process that dies ends it."""
        try:
            return list(self._pool.map(function, things))
        except BrokenProcessPool as error:
            raise EngineFailure(
                "A process of the engine died (was there memory enough?); use fewer with --engine processes://1."
            ) from error

    def close(self) -> None:
        """See ``base.Engine``."""
        self._pool.shutdown(cancel_futures=True)
