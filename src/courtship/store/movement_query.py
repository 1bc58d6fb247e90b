"""Every change of stage as arrays, for questions about the whole audience at any moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from courtship.store.workspace import Workspace


class Movements(NamedTuple):
    """``people[i]`` first appears at ``first_at[i]`` in ``stages[first_stage[i]]``. Change ``k``, in order of
    person and time, is of ``people[person[k]]``, at ``at[k]``, to ``stages[after[k]]``. Times in
    microseconds."""

    people: tuple[str, ...]
    first_at: NDArray[np.int64]
    first_stage: NDArray[np.int16]
    person: NDArray[np.int64]
    at: NDArray[np.int64]
    after: NDArray[np.int16]
    stages: tuple[str, ...]


def movements(workspace: Workspace) -> Movements:
    """All people who are not set aside, with every change of their reported stage."""
    import numpy as np

    from courtship.store.models import PersonRow, TransitionRow

    with workspace.chosen():
        rows = list(
            PersonRow.objects.filter(set_aside="").order_by("id").values_list("id", "first_at", "stage")
        )
        changes = TransitionRow.objects.order_by("person", "at", "id").values_list(
            "person", "at", "before", "after"
        )
        index = {person: number for number, (person, _, _) in enumerate(rows)}
        codes: dict[str, int] = {}
        first_stage = [codes.setdefault(stage, len(codes)) for _, _, stage in rows]
        who: list[int] = []
        when: list[int] = []
        after: list[int] = []
        seen = -1
        for person, at, before, to in changes.iterator(chunk_size=20_000):
            number = index.get(person)
            if number is None:
                continue
            if number != seen:
                first_stage[number] = codes.setdefault(before, len(codes))
                seen = number
            who.append(number)
            when.append(at)
            after.append(codes.setdefault(to, len(codes)))
    return Movements(
        people=tuple(person for person, _, _ in rows),
        first_at=np.array([at for _, at, _ in rows], dtype=np.int64),
        first_stage=np.array(first_stage, dtype=np.int16),
        person=np.array(who, dtype=np.int64),
        at=np.array(when, dtype=np.int64),
        after=np.array(after, dtype=np.int16),
        stages=tuple(codes),
    )
