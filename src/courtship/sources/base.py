"""What a source is: one format of one platform's files, from recognition to records.

A source is a module in this package with one value, ``SOURCE``; the registry lists it with one import.
The mapping from the platform's words to records is a pure module in ``courtship.platforms``; the source
finds the files, streams them and hands each parsed piece to the mapping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from courtship.model import Address, Coverage, Decision, Guide, Micros, Origin, Problem, Record, Shows
from courtship.sources.tree import Entry, Tree
from courtship.vocabulary import KINDS

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Claim", "Guide", "Shows", "Source", "Told"]

Told = Record | Problem | Decision | Origin
"""What a source may hand over. Decisions and origins are only in the product's own exports."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Entries of one tree that one source will read.

    ``now`` is the moment of the import (UTC microseconds): the last resort for lists without a date.
    ``settings`` are the owner's, by name, and ``brand`` the brand's accounts, for sources that need them.
    How far a reader has come is counted by the tree (`Tree.watch`); a reader need not tell.
    """

    source: Source
    tree: Tree
    entries: Sequence[Entry]
    now: Micros
    settings: Mapping[str, str] = field(default_factory=dict)
    brand: frozenset[Address] = frozenset()

    @property
    def size(self) -> int:
        """Bytes of the claimed entries together, unpacked."""
        return sum(entry.size for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Source:
    """One format.

    ``recognise(tree)`` names the entries it would read: by names first, then by `Entry.head` of the few
    left; it must not read whole entries. Match by the ends of paths, for archives get nested and re-zipped.
    ``read(claim)`` streams records and problems; a damaged record is a `Problem` value and the rest goes
    on. It never raises for bad input and never invents a date, a person or a target.
    ``generic`` sources (of no one platform) give way to any other that claims the same entry.
    """

    name: str
    title: str
    platforms: tuple[str, ...]
    recognise: Callable[[Tree], Sequence[Entry]]
    read: Callable[[Claim], Iterator[Told]]
    shows: Shows
    guide: Guide
    files: str
    """What it recognises, in words: ``archive-….zip with outbox.json``."""
    can_say: str = ""
    cannot_say: str = ""
    grade: str = ""
    """How well it is verified: ``A`` real recordings, ``B`` third-party samples, ``C`` documentation."""
    generic: bool = False
    tables: Callable[[Claim], Iterator[pa.RecordBatch | Told]] | None = None
    """A faster `read`, where there is one: batches of ``tables.activity_schema()`` among single records."""
    notes: tuple[str, ...] = field(default=())
    chosen: Callable[[Tree, Mapping[str, str]], Sequence[Entry]] | None = None
    """Entries that the owner's settings give to this source, whatever else would read them."""

    def coverage(
        self, account: Address, end: Micros, start: Micros | None = None, *, only: Shows | None = None
    ) -> Iterator[Coverage]:
        """Coverage records of every kind and direction for one account, ``none`` ones left out.

        ``account`` may be ``platform:*``. ``only`` replaces `shows` where an archive holds less than the
        format can.
        """
        shows = self.shows if only is None else only
        for kind in KINDS:
            for direction in ("inbound", "outbound"):
                seen = shows.get((kind, direction), "none")
                if seen != "none":
                    yield Coverage(account, kind, direction, seen, start, end)
