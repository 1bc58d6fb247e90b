"""Which posts move people: whoever rose soon after acting on a post, shared among the posts acted on.

The rule, in whole parts so that nothing is lost to rounding: a rise (a change to a higher stage) of a person
is worth ``UNIT`` parts. It is shared in equal parts among all posts of the brand on which the person acted
within the window before it, the moment of the rise included; what does not divide goes, a part each, to the
posts acted on last. A rise without any such act is uncredited. So credited and uncredited rises add up to all
there are. This is association, not proof of cause (linear multi-touch attribution, as in web analytics).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from courtship.model import DAY

UNIT = 2520
"""Parts to a rise: divisible by every number up to ten."""


@dataclass(frozen=True, slots=True)
class Acts:
    """What people did to posts of the brand: ``n`` acts in any order. Codes count from 0."""

    person: NDArray[np.int64]
    post: NDArray[np.int64]
    at: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rises:
    """Changes to a higher stage: ``r`` in any order. ``after`` is the stage reached, a code."""

    person: NDArray[np.int64]
    at: NDArray[np.int64]
    after: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Credits:
    """By post (rows) and stage reached (columns): parts credited, and how many rises had it among theirs.

    ``people`` and ``acts`` (posts): how many acted on it and how often. ``rises[i]``: all rises to stage i;
    ``uncredited[i]``: those without an act in the window. ``parts.sum(axis=0)`` is
    ``(rises - uncredited) * UNIT``. ``pair_post`` and ``pair_rise`` list every sharing, for receipts.
    """

    parts: NDArray[np.int64]
    touched: NDArray[np.int64]
    people: NDArray[np.int64]
    acts: NDArray[np.int64]
    rises: NDArray[np.int64]
    uncredited: NDArray[np.int64]
    pair_post: NDArray[np.int64]
    pair_rise: NDArray[np.int64]


def credit(acts: Acts, rises: Rises, *, posts: int, stages: int, window_days: int) -> Credits:
    """Share every rise among the posts acted on in (rise − ``window_days``, rise]."""
    order = np.lexsort((acts.at, acts.person))
    person, post, at = acts.person[order], acts.post[order], acts.at[order]
    # One ascending number for (person, time), by the rank of the time: microseconds alone would overflow.
    # sorted and not made unique: the first of its like is a time's rank (numpy's hashed ``unique`` took most
    # of this function's time)
    times = np.sort(np.concatenate((at, rises.at, rises.at - window_days * DAY)))
    span = len(times) + 1
    key = person * span + np.searchsorted(times, at)
    last = np.searchsorted(key, rises.person * span + np.searchsorted(times, rises.at), side="right")
    first = np.searchsorted(
        key, rises.person * span + np.searchsorted(times, rises.at - window_days * DAY), side="right"
    )
    many = last - first
    rise = np.repeat(np.arange(len(many)), many)
    act = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + np.repeat(first, many)
    pair_rise, pair_post, latest = _pairs(rise, post[act], at[act])
    shared_by = np.bincount(pair_rise, minlength=len(many))
    part = UNIT // shared_by[pair_rise]
    part += _place(pair_rise, latest, pair_post) < UNIT % shared_by[pair_rise]
    cell = pair_post * stages + rises.after[pair_rise]
    parts = np.zeros(posts * stages, np.int64)
    np.add.at(parts, cell, part)
    touched = np.bincount(cell, minlength=posts * stages)
    without = rises.after[shared_by == 0]
    many_people = int(person.max(initial=0)) + 1
    both = np.sort(post * many_people + person)
    people = both[np.r_[True, both[1:] != both[:-1]]] // many_people if len(both) else both
    return Credits(
        parts=parts.reshape(posts, stages),
        touched=touched.reshape(posts, stages),
        people=np.bincount(people, minlength=posts),
        acts=np.bincount(post, minlength=posts),
        rises=np.bincount(rises.after, minlength=stages),
        uncredited=np.bincount(without, minlength=stages),
        pair_post=pair_post,
        pair_rise=pair_rise,
    )


def _pairs(
    rise: NDArray[np.int64], post: NDArray[np.int64], at: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Each (rise, post) once, in that order, with the time of the last act."""
    order = np.lexsort((at, post, rise))
    rise, post, at = rise[order], post[order], at[order]
    if not len(rise):
        return rise, post, at
    ends = np.append((rise[1:] != rise[:-1]) | (post[1:] != post[:-1]), True)
    return rise[ends], post[ends], at[ends]


def _place(rise: NDArray[np.int64], at: NDArray[np.int64], post: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of each pair among those of its rise: 0 for the post acted on last, ties by post."""
    order = np.lexsort((post, -at, rise))
    sorted_rise = rise[order]
    first = np.searchsorted(sorted_rise, sorted_rise, side="left")
    place = np.empty(len(rise), np.int64)
    place[order] = np.arange(len(rise)) - first
    return place
