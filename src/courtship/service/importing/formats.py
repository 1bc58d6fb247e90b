"""The formats that import knows."""

from __future__ import annotations

from courtship.sources.base import Source
from courtship.sources.registry import SOURCES, named


def known(name: str | None = None) -> list[Source]:
    """All of them by name, or the one of that name; raises `UnknownFormat`."""
    return [named(name)] if name is not None else [SOURCES[each] for each in sorted(SOURCES)]
