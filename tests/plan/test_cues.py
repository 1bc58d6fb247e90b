"""Cues by arrays equal a plain reading of each person's activities."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from courtship.columns import Columns
from courtship.model import DAY, FOREVER
from courtship.plan.cues import NEWEST, OLDEST, VOUCHING, WORDS, find_cues
from courtship.plan.rhythm import usual_gap
from courtship.vocabulary import ANSWERS, KIND_CODE, KINDS, TALK

Row = tuple[int, int, str, bool, bool]
NOW = 100 * DAY + 7_000


def made(seed: int) -> tuple[Columns, list[list[Row]]]:
    """Columns and, for each person, their rows: (at, ended, kind, outbound, precise)."""
    draw = random.Random(seed)
    people: list[list[Row]] = []
    for _ in range(draw.randrange(6)):
        rows: list[Row] = []
        for _ in range(draw.randrange(1, 14)):
            at = draw.randrange(110) * DAY + draw.randrange(3)
            ended = at + draw.randrange(50) * DAY if draw.random() < 0.2 else FOREVER
            rows.append((at, ended, draw.choice(KINDS), draw.random() < 0.3, draw.random() < 0.9))
        people.append(sorted(rows, key=lambda row: row[0]))
    flat = [row for rows in people for row in rows]
    count = len(flat)
    return (
        Columns(
            start=np.cumsum([0] + [len(rows) for rows in people]).astype(np.int64),
            at=np.array([row[0] for row in flat], np.int64),
            ended=np.array([row[1] for row in flat], np.int64),
            kind=np.array([KIND_CODE[row[2]] for row in flat], np.uint8),
            outbound=np.array([row[3] for row in flat], np.uint8),
            precise=np.array([row[4] for row in flat], np.uint8),
            rank=np.arange(count, dtype=np.int64),
            platform=np.zeros(count, np.uint16),
            platforms=("test",),
        ),
        people,
    )


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 100))
def test_cues_are_what_a_plain_reading_says(seed: int, days: int) -> None:
    columns, people = made(seed)
    found = {cues.sort: cues.listed() for cues in find_cues(columns, NOW, days)}
    for number, rows in enumerate(people):
        known = [row for row in rows if row[0] <= NOW]
        there = [row for row in known if row[1] > NOW]
        answered = max((row[0] for row in there if row[3] and row[2] in ANSWERS), default=-1)
        since = max((NOW // DAY - days) * DAY, answered + 1)
        open_acts = [row for row in there if row[4] and not row[3] and row[0] >= since]
        for sort, kinds in (("talk", WORDS), ("share", VOUCHING)):
            wanted = [(row[0], row[2]) for row in open_acts if row[2] in kinds]
            if len(wanted) > OLDEST + NEWEST:
                wanted = wanted[:OLDEST] + wanted[-NEWEST:]
            assert [(cue.at, cue.kind) for cue in found[sort] if cue.person == number] == wanted
        first = [row for row in known[:1] if row in open_acts and answered < 0]
        assert [cue.at for cue in found["first"] if cue.person == number] == [row[0] for row in first]
        talk = [row for row in there if row[4] and row[2] in TALK]
        pace = [(talk[-1][0], usual_gap(row[0] for row in talk) or 0)] if talk else []
        assert [(cue.at, cue.amount) for cue in found["pace"] if cue.person == number] == pace
        said = [row for row in talk if not row[3]]
        heard = [(said[-1][0], len(said))] if said else []
        assert [(cue.at, cue.amount) for cue in found["heard"] if cue.person == number] == heard
