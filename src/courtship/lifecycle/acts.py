"""Between the two forms of a history: acts, for reading one person, and columns, for many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from courtship.columns import Columns
from courtship.lifecycle.live import Act
from courtship.vocabulary import KIND_CODE, KINDS


def acts_of(columns: Columns, person: int, ids: Sequence[str]) -> list[Act]:
    """The activities of the person at a position, in time order; ``ids`` are those of all in ``columns``."""
    part = slice(int(columns.start[person]), int(columns.start[person + 1]))
    return list(
        map(
            Act,
            columns.at[part].tolist(),
            columns.ended[part].tolist(),
            [KINDS[code] for code in columns.kind[part].tolist()],
            map(bool, columns.outbound[part].tolist()),
            map(bool, columns.precise[part].tolist()),
            ids[part],
        )
    )


def columns_of(people: Sequence[Sequence[Act]], platform: str = "") -> tuple[Columns, list[str]]:
    """The histories of several people as columns, and the id of each activity in them.

    ``platform`` is the one that they are all on. Acts may come in any order.
    """
    order = {name: rank for rank, name in enumerate(sorted({act.id for acts in people for act in acts}))}
    acts = [act for one in people for act in sorted(one, key=lambda act: (act.at, order[act.id], act))]

    return Columns(
        start=np.cumsum([0, *map(len, people)], dtype=np.int64),
        at=np.array([act.at for act in acts], np.int64),
        ended=np.array([max(act.ended, act.at) for act in acts], np.int64),
        kind=np.array([KIND_CODE[act.kind] for act in acts], np.uint8),
        outbound=np.array([act.outbound for act in acts], np.uint8),
        precise=np.array([act.precise for act in acts], np.uint8),
        rank=np.array([order[act.id] for act in acts], np.int64),
        platform=np.zeros(len(acts), np.uint16),
        platforms=(platform,),
    ), [act.id for act in acts]
