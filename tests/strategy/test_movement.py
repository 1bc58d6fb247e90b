"""Counts and moves of the whole audience equal what a plain reading of every person's changes says."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from courtship.service.reckoning.movement import NEW, History
from courtship.store.derived.movement_query import Movements

STAGES = ("aware", "like", "know", "trust", "parted")
Told = list[tuple[int, list[tuple[int, str]]]]
moments = st.integers(0, 150)


def made(seed: int) -> tuple[History, Told]:
    """A history and, for each person, the first appearance and the changes: when, to which stage."""
    draw = random.Random(seed)
    told: Told = []
    for _ in range(draw.randrange(12)):
        first, stage = draw.randrange(100), "aware"
        moves: list[tuple[int, str]] = []
        for at in sorted({first + draw.randrange(40) for _ in range(draw.randrange(6))}):
            stage = draw.choice([other for other in STAGES if other != stage])
            moves.append((at, stage))
        told.append((first, moves))
    flat = [(person, at, STAGES.index(to)) for person, (_, moves) in enumerate(told) for at, to in moves]
    table = np.array(flat, np.int64).reshape(-1, 3)
    moves_of_all = Movements(
        people=tuple(f"p{number}" for number in range(len(told))),
        first_at=np.array([first for first, _ in told], np.int64),
        first_stage=np.zeros(len(told), np.int16),
        person=table[:, 0],
        at=table[:, 1],
        after=table[:, 2].astype(np.int16),
        stages=STAGES,
        lapse=np.zeros(len(table), np.bool_),
        platforms=("x",) * len(told),
    )
    return History(moves_of_all), told


def plain(told: Told, moment: int) -> list[str]:
    """Everybody's stage at a moment: ``new`` for those not met yet."""
    return [
        NEW if first > moment else (["aware"] + [stage for at, stage in moves if at <= moment])[-1]
        for first, moves in told
    ]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32), moments, moments)
def test_moves_and_counts_add_up_to_everybody(seed: int, a: int, b: int) -> None:
    history, told = made(seed)
    start, end = min(a, b), max(a, b)
    was, now = plain(told, start), plain(told, end)
    assert history.counts(end) == {stage: now.count(stage) for stage in STAGES}
    assert sum(history.counts(end).values()) == sum(first <= end for first, _ in told)
    changes = history.flow(start, end)
    assert sum(change.people for change in changes) == sum(first <= end for first, _ in told)
    counted = {(change.before, change.after): change.people for change in changes}
    for before in (NEW, *STAGES):
        for after in STAGES:
            people = {f"p{i}" for i in range(len(told)) if (was[i], now[i]) == (before, after)}
            assert counted.get((before, after), 0) == len(people)
            assert history.who(start, end, before, after) == people
    for stage in STAGES:
        assert history.standing(end, stage) == {f"p{i}" for i in range(len(told)) if now[i] == stage}
