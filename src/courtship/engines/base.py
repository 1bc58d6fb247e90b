"""What an engine is: it maps one function over a list of things, somewhere, and answers in their order.

An engine knows nothing of people or policies. The function and the things must be such as can be sent to
another process (a function of a module; things that pickle), and the function must be a function of its
argument alone: an engine may run it twice where a worker dies.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Engine(ABC):
    """Used as a context: leaving it lets go of what it holds (processes, a connection)."""

    @abstractmethod
    def map(self, function: Callable[[T], R], things: Sequence[T]) -> list[R]:
        """The answers in the order of ``things``. An error of the function is raised here; raises
        EngineFailure where the engine itself cannot do it."""

    @abstractmethod
    def close(self) -> None:
        """Lets go of what it holds; what has not begun is not begun any more."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
