"""Every change of stage as arrays, for questions about the whole audience at any moment."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, NamedTuple

from courtship.store import bulk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from courtship.store.workspace import Workspace


class Movements(NamedTuple):
    """``people[i]`` first appears at ``first_at[i]`` in ``stages[first_stage[i]]``. Change ``k``, in order of
    person and time, is of ``people[person[k]]``, at ``at[k]``, to ``stages[after[k]]``; ``lapse[k]`` says
    whether for want of anything. ``platforms[i]`` are those of ``people[i]``, as stored. Times in
    microseconds."""

    people: tuple[str, ...]
    first_at: NDArray[np.int64]
    first_stage: NDArray[np.int16]
    person: NDArray[np.int64]
    at: NDArray[np.int64]
    after: NDArray[np.int16]
    stages: tuple[str, ...]
    lapse: NDArray[np.bool_]
    platforms: tuple[str, ...]

    def only(self, kept: NDArray[np.bool_]) -> Movements:
        """Without the changes that are not ``kept``."""
        return self._replace(
            person=self.person[kept], at=self.at[kept], after=self.after[kept], lapse=self.lapse[kept]
        )


def movements(workspace: Workspace) -> Movements:
    """All people who are not set aside, with every change of their reported stage.

    Both tables are read in the order in which they lie and sorted here: by an index it takes ten times
    as long.
    """
    with workspace.connection.cursor() as cursor:
        cursor.execute(_PEOPLE)
        rows = cursor.fetchall()
        cursor.execute(_CHANGES)
        return _of(rows, cursor.fetchall())


def taken_on(workspace: Workspace, held: Movements, people: Collection[str]) -> Movements:
    """What ``movements`` answers where only these people are other than they were."""
    import numpy as np

    from courtship.store.derived.splicing import Splice

    some, connection = sorted(people), workspace.connection
    rows = list(bulk.select_in(connection, f"{_PEOPLE} AND id", some))
    new = _of(rows, list(bulk.select_in(connection, f"{_CHANGES} WHERE person", some)))
    splice = Splice(held.people, some, new.people)
    codes = {stage: code for code, stage in enumerate(held.stages)}
    code = np.array([codes.setdefault(stage, len(codes)) for stage in new.stages] or [0], np.int16)
    stays = splice.moved()[held.person]
    kept, person = stays >= 0, splice.placed()[new.person]
    before = np.searchsorted(stays[kept], person)
    return Movements(
        people=tuple(splice.row(held.people, new.people)),
        first_at=splice.array(held.first_at, new.first_at),
        first_stage=splice.array(held.first_stage, code[new.first_stage]),
        person=np.insert(stays[kept], before, person),
        at=np.insert(held.at[kept], before, new.at),
        after=np.insert(held.after[kept], before, code[new.after]),
        stages=tuple(codes),
        lapse=np.insert(held.lapse[kept], before, new.lapse),
        platforms=tuple(splice.row(held.platforms, new.platforms)),
    )


_PEOPLE = "SELECT id, first_at, stage, platforms FROM store_person WHERE set_aside = ''"
_CHANGES = "SELECT person, at, before, after, cause FROM store_transition"


def _of(rows: list[tuple[Any, ...]], changes: list[tuple[Any, ...]]) -> Movements:
    import numpy as np

    rows.sort()
    index = {person: number for number, (person, *_) in enumerate(rows)}
    codes: dict[str, int] = {}
    first_stage = np.array([codes.setdefault(stage, len(codes)) for _, _, stage, _ in rows], np.int16)
    known = [change for change in changes if change[0] in index]
    who = np.array([index[person] for person, *_ in known], np.int64)
    when = np.array([at for _, at, *_ in known], np.int64)
    before = np.array([codes.setdefault(stage, len(codes)) for _, _, stage, _, _ in known], np.int16)
    after = np.array([codes.setdefault(stage, len(codes)) for _, _, _, stage, _ in known], np.int16)
    lapse = np.array([cause == "lapse" for *_, cause in known], np.bool_)
    order = np.lexsort((when, who))
    who, when, before, after, lapse = who[order], when[order], before[order], after[order], lapse[order]
    if len(who):
        first = np.r_[True, who[1:] != who[:-1]]
        first_stage[who[first]] = before[first]
    return Movements(
        people=tuple(person for person, *_ in rows),
        first_at=np.array([at for _, at, *_ in rows], np.int64),
        first_stage=first_stage,
        person=who,
        at=when,
        after=after,
        stages=tuple(codes),
        lapse=lapse,
        platforms=tuple(platforms for *_, platforms in rows),
    )
