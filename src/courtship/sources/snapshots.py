"""Lists without dates, compared: who came, who went, and between which two moments.

A list says who was on it at its moment. Who is on the first list, or on a list but not on the one before it,
had come by that list's moment: an activity that is not precise. Who is missing from a complete list had
gone by its moment: an Undo at it. A list that is not complete shows who came and nobody that went.

Where the list's own file tells of a member's coming with its date, that very activity is the one that ends.
An export may be asked for a stretch of time, and then lists only who came in it: so of those who came before
the oldest date on a list nobody is held to have gone by it. That the very oldest member went is never seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from courtship.addresses import platform_of
from courtship.model import Activity, Address, Micros, Snapshot, Undo
from courtship.vocabulary import Direction

Series = tuple[Address, str, Direction]
"""What a list is of: the account, the kind, the direction."""


def changes(snapshots: Iterable[Snapshot]) -> Iterator[Activity | Undo]:
    """Who came and who went, of all lists that are known: a function of their set."""
    series: dict[Series, list[Snapshot]] = defaultdict(list)
    for snapshot in set(snapshots):
        series[snapshot.account, snapshot.kind, snapshot.direction].append(snapshot)
    for of in sorted(series):
        yield from _of_one(of, sorted(series[of], key=lambda snapshot: (snapshot.at, snapshot.complete)))


def compared(before: Iterable[Snapshot], after: Iterable[Snapshot]) -> Iterator[Activity | Undo]:
    """What lists that have just come in add to what follows from those known ``before``.

    An older list that comes late may show that somebody had come earlier than was thought: the later
    coming is then ended where it began, so that it never was.
    """
    known = set(changes(before))
    found = list(changes(after))
    yield from (record for record in found if record not in known)
    still = set(found)
    for record in sorted(known - still, key=lambda record: (record.at, record.id)):
        if isinstance(record, Activity):
            yield Undo(f"{record.id}:never", record.id, record.at, platform_of(record.actor))


def _of_one(of: Series, lists: list[Snapshot]) -> Iterator[Activity | Undo]:
    account, kind, direction = of
    standing: dict[Address, tuple[str, Micros]] = {}
    """Whoever is on the list: the id of their coming, and its date, 0 where it is not known."""
    for snapshot in lists:
        members = _with_acts(snapshot)
        members.pop(account, None)
        for member, (id, date) in members.items():
            if id:
                # Another id than before: they left and came back between the two lists.
                if standing.get(member, (id, date))[0] != id:
                    yield _went(standing[member][0], member, of, snapshot.at)
                standing[member] = id, date
            elif member not in standing:
                came = _came(account, kind, direction, member, snapshot.at)
                standing[member] = came.id, 0
                yield came
        if snapshot.complete:
            oldest = min(filter(None, snapshot.dates), default=0)
            gone = [who for who, (_, date) in standing.items() if who not in members and date >= oldest]
            for member in gone:
                yield _went(standing.pop(member)[0], member, of, snapshot.at)


def _with_acts(snapshot: Snapshot) -> dict[Address, tuple[str, Micros]]:
    """The members with the id and date of their coming, ``""`` and 0 where the file does not tell."""
    count = len(snapshot.members)
    acts, dates = snapshot.acts, snapshot.dates
    if len(acts) != count or len(dates) != count:
        return dict.fromkeys(snapshot.members, ("", 0))
    return dict(zip(snapshot.members, zip(acts, dates, strict=True), strict=True))


def _went(id: str, member: Address, of: Series, at: Micros) -> Undo:
    account, _, direction = of
    return Undo(f"{id}:{at}", id, at, platform_of(member if direction == "inbound" else account))


def _came(account: Address, kind: str, direction: Direction, member: Address, at: Micros) -> Activity:
    actor, target = (member, account) if direction == "inbound" else (account, member)
    return Activity(f"listed:{at}:{kind}:{actor}:{target}", kind, actor, target, at, precise=False)
