"""Counts and moves equal what a plain reading of every person's changes says."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtship.model import DAY
from courtship.strategy.flow import (
    ABSENT,
    Changes,
    changes_between,
    counts,
    flow,
    moments_between,
    stage_at,
)

NAMES = ("aware", "like", "know", "trust", "parted")
History = list[tuple[int, list[tuple[int, int, int]]]]
FEW = settings(max_examples=80, deadline=None)
moments = st.integers(0, 110)


def made(seed: int) -> tuple[Changes, History]:
    draw = random.Random(seed)
    history: History = []
    for _ in range(draw.randrange(0, 12)):
        first, stage = draw.randrange(0, 100), 0
        moves: list[tuple[int, int, int]] = []
        for at in sorted({first + draw.randrange(0, 40) for _ in range(draw.randrange(0, 6))}):
            after = draw.choice([code for code in range(5) if code != stage])
            moves.append((at, stage, after))
            stage = after
        history.append((first, moves))
    rows = [(person, *move) for person, (_, moves) in enumerate(history) for move in moves]
    draw.shuffle(rows)
    table = np.array(rows, np.int64).reshape(-1, 4)
    changes = Changes.of(
        NAMES,
        np.array([first for first, _ in history], np.int64),
        table[:, 0],
        table[:, 1],
        table[:, 2].astype(np.int8),
        table[:, 3].astype(np.int8),
    )
    return changes, history


def plain(history: History, t: int) -> list[int]:
    return [
        max([(at, i, after) for i, (at, _, after) in enumerate(moves) if at <= t], default=(0, 0, 0))[2]
        if first <= t
        else ABSENT
        for first, moves in history
    ]


@FEW
@given(st.integers(0, 2**32), moments, moments)
def test_flow_is_what_a_plain_reading_says(seed: int, a: int, b: int) -> None:
    changes, history = made(seed)
    since, until = min(a, b), max(a, b)
    was, now = plain(history, since), plain(history, until)
    assert stage_at(changes, until).tolist() == now
    moved = flow(changes, since, until)
    for i, before in enumerate((*NAMES, None)):
        for j, after in enumerate(NAMES):
            wanted = [
                person
                for person in range(len(history))
                if was[person] == (ABSENT if before is None else i) and now[person] == j
            ]
            assert moved.moved(before, after) == len(wanted)
            assert moved.people(before, after).tolist() == wanted
    assert moved.matrix.sum() == sum(first <= until for first, _ in history)
    every = sum(since < at <= until for _, moves in history for at, _, _ in moves)
    assert changes_between(changes, since, until).sum() == every


@FEW
@given(st.integers(0, 2**32))
def test_counts_add_up_to_everybody(seed: int) -> None:
    changes, history = made(seed)
    at = np.arange(0, 150, 7, dtype=np.int64)
    table = counts(changes, at)
    for row, t in zip(table, at.tolist(), strict=True):
        stages = plain(history, t)
        assert row.tolist() == [stages.count(code) for code in range(5)]


def test_moments_end_with_now() -> None:
    now = 1000 * DAY + 5
    assert moments_between(now - 15 * DAY, now, 7).tolist() == [now - 14 * DAY, now - 7 * DAY, now]
    assert moments_between(now, now, 7).tolist() == [now]


def test_an_unknown_stage_is_said_so() -> None:
    changes, _ = made(3)
    with pytest.raises(KeyError):
        flow(changes, 0, 10).moved("love", "know")
