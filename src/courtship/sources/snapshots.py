"""Lists without dates, compared: who came, who went, and between which two moments.

A list says who was on it at its moment. Who is on the first list, or on a list but not on the one before it,
had come by that list's moment: an activity that is not precise. Who is missing from a complete list had
gone by its moment: an Undo at it. A list that is not complete shows who came and nobody that went.
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
    standing: dict[Address, Activity] = {}
    for snapshot in lists:
        members = dict.fromkeys(snapshot.members)
        for member in members:
            if member not in standing and member != account:
                standing[member] = _came(account, kind, direction, member, snapshot.at)
                yield standing[member]
        if snapshot.complete:
            for member in [member for member in standing if member not in members]:
                came = standing.pop(member)
                yield Undo(f"{came.id}:{snapshot.at}", came.id, snapshot.at, platform_of(came.actor))


def _came(account: Address, kind: str, direction: Direction, member: Address, at: Micros) -> Activity:
    actor, target = (member, account) if direction == "inbound" else (account, member)
    return Activity(f"listed:{at}:{kind}:{actor}:{target}", kind, actor, target, at, precise=False)
