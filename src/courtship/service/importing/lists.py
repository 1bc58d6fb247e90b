"""Lists without dates that have just come in: who came and who went, by comparing them with those known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from courtship.model import Address, Record, Snapshot
from courtship.sources import snapshots

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


def what_they_add(workspace: Workspace, lists: Collection[Snapshot]) -> Iterator[Record]:
    """What ``lists`` add to what follows from those in the log, whether they are in it already or not."""
    told = workspace.snapshots({snapshot.account for snapshot in lists})
    brand = workspace.brand()
    fresh = set(of_somebody(lists, brand))
    before = set(of_somebody(told, brand)) - fresh
    yield from snapshots.compared(before, before | fresh)


def of_somebody(lists: Iterable[Snapshot], brand: Collection[Address]) -> Iterator[Snapshot]:
    """Lists that do not say whose they are (``platform:*``) are of the brand's only account there."""
    for snapshot in lists:
        if snapshot.account.endswith(":*"):
            own = [account for account in brand if account.startswith(snapshot.account[:-1])]
            if len(own) == 1:
                yield snapshot._replace(account=own[0])
        else:
            yield snapshot
