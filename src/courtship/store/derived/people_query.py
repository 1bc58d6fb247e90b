"""People as the derived table has them: some by id, or all that a filter finds, for a file.

Who is set aside is found by id only. The pages' lists come from ``roster.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from courtship.model import Address, Micros
from courtship.store import bulk
from courtship.store.derived import cues

if TYPE_CHECKING:
    from django.db.models import Q, QuerySet

    from courtship.store.models import PersonRow
    from courtship.store.workspace import Workspace

MOMENTUM_ORDER = ("warming", "steady", "cooling", "quiet")


class Person(NamedTuple):
    """A row of the list. Times are UTC microseconds; ``platforms`` as stored, one after another."""

    id: str
    name: str
    handle: str
    stage: str
    certain: bool
    momentum: str
    since: Micros
    until: Micros | None
    first_at: Micros
    last_contact_at: Micros | None
    last_inbound_at: Micros | None
    inbound_count: int
    outbound_count: int
    platforms: tuple[str, ...]
    followers: int | None
    introduced_by: str | None
    peak: str
    set_aside: str


FIELDS = Person._fields


@dataclass(frozen=True, slots=True)
class Filter:
    """Who is asked for; everything left out asks for anybody.

    ``people`` restricts to these ids (``None``: no restriction). ``words`` looks into names and handles.
    ``introduced`` is ``yes``, ``no`` or the id of who introduced them. ``contact_before`` takes in those
    without any contact.
    """

    words: str = ""
    stage: str = ""
    certain: bool | None = None
    momentum: str = ""
    platform: str = ""
    introduced: str = ""
    contact_before: Micros | None = None
    contact_since: Micros | None = None
    first_since: Micros | None = None
    people: frozenset[str] | None = None
    also: frozenset[str] = frozenset()


def every(workspace: Workspace, wanted: Filter) -> Iterator[Person]:
    """Everybody whom the filter finds, by name, for a file; read in pieces."""
    from django.db.models import Q

    last = ("", "")
    while True:
        with workspace.chosen():
            rows = _rows(wanted).filter(Q(name__gt=last[0]) | Q(name=last[0], id__gt=last[1]))
            piece = _people(rows.order_by("name", "id")[:2000])
        yield from piece
        if len(piece) < 2000:
            return
        last = (piece[-1].name, piece[-1].id)


def by_ids(workspace: Workspace, people: Collection[str]) -> dict[str, Person]:
    """These people by id, also those set aside; whoever is not known is left out."""
    from courtship.store.models import PersonRow

    found: dict[str, Person] = {}
    wanted = list(people)
    with workspace.chosen():
        for start in range(0, len(wanted), 500):
            rows = PersonRow.objects.filter(id__in=wanted[start : start + 500])
            found.update((person.id, person) for person in _people(rows))
    return found


def with_most_acts(workspace: Workspace, least: int, most: int) -> list[list[Address]]:
    """The accounts of those with more than ``least`` acts, of at most ``most`` people, those with the most
    first."""
    query = (
        "SELECT id FROM store_person WHERE inbound_count + outbound_count > %s "
        "ORDER BY inbound_count + outbound_count DESC, id LIMIT %s"
    )
    ids = [id for (id,) in bulk.rows(workspace.connection, query, [least, most])]
    accounts = cues.accounts_of(workspace, ids)
    return [accounts[id] for id in ids]


def reciprocal(workspace: Workspace, stage: str, most: int) -> list[Person]:
    """Those at a stage with acts both ways, most lately in touch first."""
    with workspace.chosen():
        rows = _rows(Filter(stage=stage)).filter(inbound_count__gt=0, outbound_count__gt=0)
        return _people(rows.order_by("-last_contact_at", "id")[:most])


def everybody_at(workspace: Workspace) -> list[Person]:
    """Everybody who is not set aside, by id."""
    with workspace.chosen():
        return _people(_rows(Filter()).order_by("id"))


def set_aside(workspace: Workspace) -> frozenset[str]:
    """The ids of everybody who is set aside."""
    from courtship.store.models import PersonRow

    with workspace.chosen():
        return frozenset(PersonRow.objects.exclude(set_aside="").values_list("id", flat=True))


def split(platforms: str) -> tuple[str, ...]:
    """The stored text of platforms as names."""
    return tuple(name for name in platforms.replace(",", " ").split() if name)


def _people(rows: QuerySet[PersonRow]) -> list[Person]:
    found = []
    for values in rows.values_list(*FIELDS):
        told: dict[str, Any] = dict(zip(FIELDS, values, strict=True))
        found.append(
            Person(**told | {"certain": bool(told["certain"]), "platforms": split(told["platforms"])})
        )
    return found


def _rows(wanted: Filter) -> QuerySet[PersonRow]:
    from django.db.models import Q

    from courtship.store.models import PersonRow

    rows = PersonRow.objects.filter(set_aside="")
    exact = {"stage": wanted.stage, "momentum": wanted.momentum if wanted.momentum != "blind" else ""}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if wanted.momentum == "blind":
        rows = rows.filter(momentum="")
    if wanted.certain is not None:
        rows = rows.filter(certain=int(wanted.certain))
    if wanted.platform:
        rows = rows.filter(platforms__contains=wanted.platform)
    if wanted.introduced == "yes":
        rows = rows.filter(introduced_by__isnull=False).exclude(introduced_by="")
    elif wanted.introduced == "no":
        rows = rows.filter(Q(introduced_by__isnull=True) | Q(introduced_by=""))
    elif wanted.introduced:
        rows = rows.filter(introduced_by=wanted.introduced)
    if wanted.contact_before is not None:
        rows = rows.filter(Q(last_contact_at__lt=wanted.contact_before) | Q(last_contact_at__isnull=True))
    if wanted.contact_since is not None:
        rows = rows.filter(last_contact_at__gte=wanted.contact_since)
    if wanted.first_since is not None:
        rows = rows.filter(first_at__gte=wanted.first_since)
    if wanted.people is not None:
        rows = rows.filter(_among(wanted.people))
    for word in wanted.words.split():
        rows = rows.filter(Q(name__icontains=word) | Q(handle__icontains=word) | _among(wanted.also))
    return rows


def _among(people: Collection[str]) -> Q:
    """``id`` is one of these: as literals where they are few, as one JSON parameter where they are many."""
    from django.db import connections
    from django.db.models import Q
    from django.db.models.expressions import RawSQL

    from courtship.store.router import current_workspace

    if len(people) <= 500:
        return Q(id__in=list(people))
    import json

    if connections[current_workspace.get()].vendor == "sqlite":
        return Q(id__in=RawSQL("SELECT value FROM json_each(%s)", [json.dumps(sorted(people))]))
    return Q(id__in=RawSQL("SELECT unnest(%s::text[])", [sorted(people)]))
