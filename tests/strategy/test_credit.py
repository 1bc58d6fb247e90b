"""Credit for posts: equal to a plain reading of the rule, and nothing lost."""

from __future__ import annotations

import random
from collections import defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from courtship.model import DAY
from courtship.strategy.credit import UNIT, Acts, Credits, Rises, credit

Triples = list[tuple[int, int, int]]


def reckoned(acts: Triples, rises: Triples, posts: int, days: int) -> Credits:
    a, r = np.array(acts, np.int64).reshape(-1, 3), np.array(rises, np.int64).reshape(-1, 3)
    return credit(
        Acts(a[:, 0], a[:, 1], a[:, 2]),
        Rises(r[:, 0], r[:, 1], r[:, 2]),
        posts=posts,
        stages=4,
        window_days=days,
    )


def plain(acts: Triples, rises: Triples, days: int) -> tuple[dict[tuple[int, int], int], int]:
    """Parts by (post, stage), and how many rises are uncredited."""
    parts: dict[tuple[int, int], int] = defaultdict(int)
    uncredited = 0
    for person, at, stage in rises:
        last: dict[int, int] = {}
        for who, post, when in acts:
            if who == person and at - days * DAY < when <= at:
                last[post] = max(when, last.get(post, when))
        uncredited += not last
        for place, post in enumerate(sorted(last, key=lambda post: (-last[post], post))):
            parts[post, stage] += UNIT // len(last) + (place < UNIT % len(last))
    return parts, uncredited


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 20))
def test_credit_is_what_a_plain_reading_says(seed: int, days: int) -> None:
    draw = random.Random(seed)
    acts = [
        (draw.randrange(4), draw.randrange(13), draw.randrange(60) * DAY // 2)
        for _ in range(draw.randrange(80))
    ]
    rises = [
        (draw.randrange(4), draw.randrange(60) * DAY // 2, draw.randrange(4))
        for _ in range(draw.randrange(9))
    ]
    made = reckoned(acts, rises, 13, days)
    parts, uncredited = plain(acts, rises, days)
    assert {(int(i), int(j)): int(made.parts[i, j]) for i, j in np.argwhere(made.parts)} == parts
    assert made.uncredited.sum() == uncredited
    assert (made.parts.sum(axis=0) == (made.rises - made.uncredited) * UNIT).all()
    assert made.acts.tolist() == [sum(post == p for _, post, _ in acts) for p in range(13)]
    assert made.people.tolist() == [len({who for who, post, _ in acts if post == p}) for p in range(13)]
    assert made.touched.sum() == len(made.pair_post) == len(made.pair_rise)


def test_three_posts_share_one_rise() -> None:
    acts = [(0, 0, DAY), (0, 1, 2 * DAY), (0, 2, 3 * DAY), (0, 2, 2 * DAY), (1, 0, 3 * DAY)]
    made = reckoned(acts, [(0, 3 * DAY, 2)], 4, 14)
    assert made.parts[:, 2].tolist() == [840, 840, 840, 0]
    assert made.people.tolist() == [2, 1, 1, 0]


def test_an_act_at_the_moment_counts_and_one_at_the_edge_does_not() -> None:
    made = reckoned([(0, 0, 10 * DAY), (0, 1, 20 * DAY)], [(0, 20 * DAY, 1)], 2, 10)
    assert made.parts[:, 1].tolist() == [0, UNIT]


def test_nothing_at_all() -> None:
    made = reckoned([], [], 2, 14)
    assert made.parts.sum() == 0
    assert made.rises.tolist() == [0, 0, 0, 0]
