"""Everybody as columns in memory: filtered, sorted and counted in milliseconds, whatever is asked for.

By the database's indexes one filter or sort is fast and two together are not; a hundred thousand people are
a few megabytes. Read once after each refresh (``service/people/people_list.py`` keeps it).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from courtship.store import bulk
from courtship.store.derived.people_query import MOMENTUM_ORDER, Filter, split
from courtship.store.derived.splicing import Splice

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

NEVER = -(2**62)
"""In place of a time or number that is not there: before all."""

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]


class Words(NamedTuple):
    """A column of few different words: ``names[codes[i]]``."""

    codes: Numbers
    names: tuple[str, ...]

    def spliced(self, splice: Splice, words: Sequence[str]) -> Words:
        """With other rows' words in it."""
        codes = {name: code for code, name in enumerate(self.names)}
        new = [codes.setdefault(word, len(codes)) for word in words]
        return Words(splice.array(self.codes, new), tuple(codes))

    def among(self, wanted: Collection[str]) -> Mask:
        """Where the word is one of these."""
        return np.isin(self.codes, [n for n, name in enumerate(self.names) if name in wanted])


class Roster:
    """Those who are not set aside, in order of id."""

    def __init__(self, rows: Sequence[tuple[object, ...]]) -> None:
        rows = sorted(rows, key=lambda row: str(row[0]))
        columns: list[Sequence[object]] = list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS)
        held = dict(zip(COLUMNS, columns, strict=True))
        self.ids: list[str] = [str(id) for id in held["id"]]
        self.names: list[str] = [str(name) for name in held["name"]]
        self.stage = _words(held["stage"])
        self.momentum = _words(held["momentum"])
        self.platforms = _words(held["platforms"])
        self.introduced = _words([by or "" for by in held["introduced_by"]])
        self.certain = np.array(held["certain"], np.int64).astype(bool)
        self.numbers = {
            name: np.array([NEVER if value is None else value for value in held[name]], np.int64)
            for name in ("since", "first_at", "last_contact_at", "inbound_count", "followers")
        }
        self._looked_in(
            [f"{a}\n{b}".casefold() for a, b in zip(self.names, held["handle"], strict=True)],
        )

    def _looked_in(self, folded: list[str]) -> None:
        """``folded`` are the names and handles in which words are looked for."""
        self._folded = folded
        self._masks: dict[frozenset[str], Mask] = {}
        self._orders: dict[tuple[str, bool, tuple[str, ...]], Numbers] = {}

    def spliced(self, people: Collection[str], rows: Sequence[tuple[object, ...]]) -> Roster:
        """Another, in which ``rows`` are all that there are of ``people``."""
        new = Roster(rows)
        splice = Splice(self.ids, sorted(people), new.ids)
        made = object.__new__(Roster)
        made.ids, made.names = splice.row(self.ids, new.ids), splice.row(self.names, new.names)
        for name in ("stage", "momentum", "platforms", "introduced"):
            words: Words = getattr(new, name)
            told = [words.names[code] for code in words.codes.tolist()]
            setattr(made, name, getattr(self, name).spliced(splice, told))
        made.certain = splice.array(self.certain, new.certain)
        made.numbers = {name: splice.array(held, new.numbers[name]) for name, held in self.numbers.items()}
        made._looked_in(splice.row(self._folded, new._folded))
        return made

    @cached_property
    def place(self) -> dict[str, int]:
        """Where each person is."""
        return {id: n for n, id in enumerate(self.ids)}

    @cached_property
    def _text(self) -> str:
        return "\0".join(self._folded)

    @cached_property
    def _ends(self) -> Numbers:
        return np.cumsum([len(text) + 1 for text in self._folded])

    def __len__(self) -> int:
        return len(self.ids)

    def find(self, wanted: Filter) -> Mask:
        """Whom the filter finds."""
        found = np.ones(len(self.ids), bool)
        if wanted.stage:
            found &= self.stage.among({wanted.stage})
        if wanted.momentum:
            found &= self.momentum.among({"" if wanted.momentum == "blind" else wanted.momentum})
        if wanted.certain is not None:
            found &= self.certain == wanted.certain
        if wanted.platform:
            held = {name for name in self.platforms.names if wanted.platform in split(name)}
            found &= self.platforms.among(held)
        if wanted.introduced:
            nobody = self.introduced.among({""})
            one = {"yes": ~nobody, "no": nobody}.get(wanted.introduced)
            found &= self.introduced.among({wanted.introduced}) if one is None else one
        contact = self.numbers["last_contact_at"]
        if wanted.contact_before is not None:
            found &= contact < wanted.contact_before
        if wanted.contact_since is not None:
            found &= contact >= wanted.contact_since
        if wanted.first_since is not None:
            found &= self.numbers["first_at"] >= wanted.first_since
        if wanted.people is not None:
            found &= self._these(wanted.people)
        for word in wanted.words.casefold().split():
            found &= self._holding(word) | self._these(wanted.also)
        return found

    def order(self, sort: str, descending: bool, ladder: Sequence[str]) -> Numbers:
        """Everybody in an order, ties by id; those without a value last, either way."""
        key = (sort, descending, tuple(ladder))
        if key not in self._orders:
            self._orders[key] = self._sorted(sort, descending, ladder)
        return self._orders[key]

    def _sorted(self, sort: str, descending: bool, ladder: Sequence[str]) -> Numbers:
        if sort == "name":
            ranks = {name: rank for rank, name in enumerate(sorted(set(self.names), key=_by_name))}
            value = np.array([ranks[name] for name in self.names], np.int64)
        elif sort in ("stage", "momentum"):
            column = self.stage if sort == "stage" else self.momentum
            order = ("parted", "aware", *ladder) if sort == "stage" else ("", *reversed(MOMENTUM_ORDER))
            rank = np.array([order.index(n) if n in order else -1 for n in column.names] or [0], np.int64)
            value = rank[column.codes]
        else:
            value = self.numbers[SORTED[sort]]
        number = np.arange(len(value))
        missing = value == NEVER
        if descending:
            return np.lexsort((-number, -value, missing))
        return np.lexsort((number, value, missing))

    def _these(self, people: frozenset[str]) -> Mask:
        held = self._masks.get(people)
        if held is None:
            held = self._masks[people] = self._placed(people)
            if len(self._masks) > 16:
                self._masks.pop(next(iter(self._masks)), None)
        return held

    def _placed(self, people: Collection[str]) -> Mask:
        found = np.zeros(len(self.ids), bool)
        places = [self.place[id] for id in people if id in self.place]
        found[places] = True
        return found

    def _holding(self, word: str) -> Mask:
        """In whose name or handle the word is."""
        found = np.zeros(len(self.ids), bool)
        at = self._text.find(word)
        while at >= 0:
            number = int(np.searchsorted(self._ends, at, side="right"))
            found[number] = True
            at = self._text.find(word, int(self._ends[number]))
        return found

    def stage_counts(self) -> dict[tuple[str, bool], int]:
        """People by (stage, certain)."""
        told = np.bincount(self.stage.codes * 2 + self.certain, minlength=2 * len(self.stage.names))
        return {
            (name, bool(sure)): int(told[2 * code + sure])
            for code, name in enumerate(self.stage.names)
            for sure in (0, 1)
            if told[2 * code + sure]
        }

    def platform_names(self) -> list[str]:
        """The platforms on which anybody is, sorted."""
        return sorted({name for told in self.platforms.names for name in split(told)})


COLUMNS = (
    *("id", "name", "handle", "stage", "certain", "momentum", "since", "first_at", "last_contact_at"),
    *("inbound_count", "platforms", "followers", "introduced_by"),
)
SORTED = {
    "contact": "last_contact_at",
    "first": "first_at",
    "since": "since",
    "acts": "inbound_count",
    "followers": "followers",
}


def read(workspace: Workspace) -> Roster:
    """Everybody as the derived table has them now."""
    with workspace.connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(COLUMNS)} FROM store_person WHERE set_aside = ''")  # noqa: S608 - our own names
        return Roster(cursor.fetchall())


def taken_on(workspace: Workspace, held: Roster, people: Collection[str]) -> Roster:
    """What ``read`` answers where only these people are other than they were."""
    query = f"SELECT {', '.join(COLUMNS)} FROM store_person WHERE set_aside = '' AND id"  # noqa: S608 - our own names
    return held.spliced(people, list(bulk.select_in(workspace.connection, query, sorted(people))))


def _words(column: Sequence[object]) -> Words:
    codes: dict[str, int] = {}
    found = np.array([codes.setdefault(str(word), len(codes)) for word in column], np.int64)
    return Words(found, tuple(codes))


def _by_name(name: str) -> tuple[bool, str, str]:
    """As people look for names: whatever the case, those without one last."""
    return (not name, name.casefold(), name)
