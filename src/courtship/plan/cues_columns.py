"""What is kept of a person for their cues, from columns: as ``cues_summary.take_in`` makes it act by act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from courtship.model import DAY, FOREVER, Micros
from courtship.plan.cues import NEWEST, OLDEST, VOUCHING, WORDS
from courtship.plan.cues_summary import CuesSummary, Said
from courtship.vocabulary import ANSWERS, KINDS, TALK

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from courtship.columns import Columns


def _codes(kinds: Collection[str]) -> NDArray[np.bool_]:
    return np.array([kind in kinds for kind in KINDS], np.bool_)


TALKED: Final = _codes(TALK)
ANSWERED: Final = _codes(ANSWERS)
WAITS: Final = (_codes(WORDS), _codes(VOUCHING))


def summarise(columns: Columns, record: NDArray[np.int64], since: Micros) -> CuesSummary:
    """Of the one person of ``columns``; ``record`` has the log position of each row. What waits since before
    ``since`` is left out."""

    def said(row: int) -> Said:
        platform = columns.platforms[int(columns.platform[row])]
        return Said(int(columns.at[row]), int(record[row]), int(columns.kind[row]), platform)

    found = CuesSummary()
    standing = columns.ended == FOREVER
    answers = np.flatnonzero(standing & (columns.outbound != 0) & ANSWERED[columns.kind])
    answered = int(answers[-1]) + 1 if len(answers) else 0
    theirs = standing & (columns.outbound == 0) & (columns.precise != 0)
    for place, kinds in enumerate(WAITS):
        waiting = theirs & kinds[columns.kind] & (columns.at >= since)
        rows = np.flatnonzero(waiting[answered:]) + answered
        if len(rows):
            some = rows if len(rows) <= OLDEST + NEWEST else np.concatenate([rows[:OLDEST], rows[-NEWEST:]])
            found.open[place] = (len(rows), [said(row) for row in some.tolist()])
    if theirs[0] and not answered:
        found.first = said(0)
    talk = np.flatnonzero(standing & (columns.precise != 0) & TALKED[columns.kind])
    if len(talk):
        at = columns.at[talk]
        days = at // DAY
        firsts = at[np.flatnonzero(np.diff(days, prepend=days[0] - 1))]
        found.talked = int(firsts[-1])
        found.gaps = np.sort(np.diff(firsts)).tolist()
        found.contact = said(int(talk[-1]))
        heard = talk[columns.outbound[talk] == 0]
        found.heard = said(int(heard[-1])) if len(heard) else None
    return found
