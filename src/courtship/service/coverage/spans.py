"""Which times a live connection has seen: what the log knows of them, and what is still to be declared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from courtship.connect.base import Connector
from courtship.model import Address, Coverage, Micros
from courtship.store.operations.connections import Connection


@dataclass(frozen=True, slots=True)
class Span:
    """What a connection has seen, of which the log does not know yet, and up to where it does."""

    seen_from: Micros | None = None
    seen_to: Micros | None = None
    declared_to: Micros | None = None

    @classmethod
    def of(cls, held: Connection) -> Span:
        """That of a connection."""
        return cls(held.seen_from, held.seen_to, held.declared_to)

    def further(self, start: Micros | None, end: Micros | None) -> tuple[Span, tuple[Micros, Micros] | None]:
        """With [``start``, ``end``) added; and what was pending, where a gap lies between the two."""
        if end is None:
            return self, None
        begin = start if start is not None else self.seen_to if self.seen_to is not None else self.declared_to
        if begin is None or begin >= end:
            return self, None
        pending = self.pending()
        if pending is None:
            if self.declared_to is not None and begin <= self.declared_to < end:
                begin = self.declared_to
            return Span(begin, end, self.declared_to), None
        if begin > pending[1] or end < pending[0]:
            return Span(begin, end, pending[1]), pending
        return Span(min(begin, pending[0]), max(end, pending[1]), self.declared_to), None

    def pending(self) -> tuple[Micros, Micros] | None:
        """What is to be declared."""
        if self.seen_from is None or self.seen_to is None or self.seen_from >= self.seen_to:
            return None
        return self.seen_from, self.seen_to

    def due(self, now: Micros, every: Micros) -> bool:
        """Whether it is time: nothing is declared yet, or the last was a day of UTC or more ago."""
        pending = self.pending()
        if pending is None:
            return False
        return self.declared_to is None or pending[1] // every > self.declared_to // every

    def declared(self) -> Span:
        """As it is when what was pending is in the log."""
        pending = self.pending()
        return self if pending is None else Span(None, pending[1], pending[1])


def coverage(
    connector: Connector, accounts: Sequence[Address], span: tuple[Micros, Micros] | None
) -> list[Coverage]:
    """A record for each kind and direction that the connector shows, of each account."""
    if span is None:
        return []
    return [
        Coverage(account, kind, direction, seen, *span)
        for account in accounts
        for (kind, direction), seen in sorted(connector.shows.items())
        if seen != "none"
    ]
