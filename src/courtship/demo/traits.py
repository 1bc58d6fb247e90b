"""Who the made-up people are: temperament, home, rhythm, how long they stay and how much they do.

Drawn independently of what they will do; `behaviour.py` lets them act. The stated model:

- **Temperament**: half watch, a quarter like, an eighth talk, a few share (and a handful are the team, or
  bots).
- **Activity** is lognormal over people (sigma 2.5) times a factor of the temperament: half of the people do
  three things or fewer, a few do hundreds.
- **Arrival**: more come towards the end than at the start (the rate grows 2.5-fold over the two years).
- **Spells**: interest comes in spells of exponential length (longer for those who do more), with pauses
  of a month or several between; after every spell some do not come back.
- **Slope**: within their time people warm, keep on, or cool (thirds).
- **Homes**: one platform each; one in seven also has a second account elsewhere, with a third of the acts
  (one in ten is seen on both).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from courtship.demo.bakery import BLOG, DAY, ENDED_DAYS_AGO, FACEBOOK, MASTODON, PLATFORMS, YEARS_OF_DAYS
from courtship.demo.draw import Draws, Flags, Floats, Ints

WATCHER, LIKER, TALKER, SHARER, TEAM, BOT = range(6)
TEMPERAMENTS: Final = ("watcher", "liker", "talker", "sharer", "team", "bot")
_SHARES: Final = (0.55, 0.27, 0.13, 0.05)
_BUSY: Final = (0.45, 0.9, 1.8, 2.6, 3.0, 1.0)
_WATCHES_DAYS: Final = (10_000.0, 140.0, 25.0, 12.0, 1.0, 0.1)

#                       instagram mastodon facebook blog  x
_HOMES: Final = np.array([
    [0.46, 0.17, 0.23, 0.00, 0.14],
    [0.42, 0.20, 0.25, 0.00, 0.13],
    [0.30, 0.26, 0.20, 0.15, 0.09],
    [0.26, 0.36, 0.20, 0.06, 0.12],
    [0.50, 0.25, 0.25, 0.00, 0.00],
    [0.50, 0.10, 0.10, 0.00, 0.30],
])  # fmt: skip

SPELLS: Final = 6
GROWTH: Final = 2.5
SIGMA: Final = 2.5
SEVERAL_ACCOUNTS: Final = 0.10


@dataclass(frozen=True, slots=True)
class Traits:
    """One row a person. Times in seconds since 1970, lengths in seconds."""

    temperament: Ints
    home: Ints
    second: Ints
    """The platform of a second account; -1 where there is none."""
    arrival: Ints
    busy: Floats
    """How much a person does, relative to others."""
    starts: Floats
    """When each spell begins, (people, SPELLS)."""
    lengths: Floats
    """How long each lasts; 0 where there was none."""
    slope: Floats
    """Above 1: more towards the end; below: more at the beginning."""
    watches: Floats
    """How long a person watches before the first words."""
    late: Ints
    """Hours by which a person is a later riser than most."""
    favourites: Ints
    """Two topics that a person cares for, (people, 2)."""
    followers: Ints
    wave: Ints
    """0 came by themselves; 1 and 2 through somebody's share, one or two steps away."""
    silent: Flags
    """The brand spoke to them, and they never did."""

    def __len__(self) -> int:
        return len(self.temperament)


def traits(people: int, until: int, topics: int, draws: Draws) -> Traits:
    """``people`` made-up people, who come in the two years before ``until`` (seconds)."""
    n = people
    start = until - YEARS_OF_DAYS * DAY
    temperament = draws.choose(_SHARES, n)
    team, bots = min(3, n // 40), max(n // 250, min(2, n // 20))
    temperament[:team] = TEAM
    temperament[team : team + bots] = BOT

    growth = (np.sqrt(1 + (GROWTH**2 - 1) * draws.uniform(n)) - 1) / (GROWTH - 1)
    arrival = (start + growth * (until - start - 3600)).astype(np.int64)
    arrival[:team] = start + draws.below(20 * DAY, team)
    home = draws.choose_rows(_HOMES, temperament)
    # Whoever came after a platform's data ends was met elsewhere.
    unseen = arrival > until - (np.array(ENDED_DAYS_AGO)[home] + 1) * DAY
    open_homes = np.array([MASTODON, FACEBOOK, BLOG])[draws.choose([0.5, 0.4, 0.1], n)]
    open_homes[(open_homes == BLOG) & (temperament < TALKER)] = MASTODON
    closed = np.array(ENDED_DAYS_AGO)[home] > 0
    home = np.where(unseen & closed, open_homes, home)

    several = draws.chance(SEVERAL_ACCOUNTS * 1.45, n) & (temperament < TEAM)
    step = 1 + draws.choose([0.4, 0.3, 0.1, 0.2], n)
    second = np.where(several, (home + step) % len(PLATFORMS), -1)
    second[(second == BLOG) & (temperament < TALKER)] = MASTODON
    second[second == home] = FACEBOOK
    second[second == home] = -1

    busy = draws.lognormal(1.0, SIGMA, n) * np.array(_BUSY)[temperament]
    busy[second >= 0] *= 4.0  # who is met in two places is met often
    busy[home == BLOG] *= 0.15  # few write a comment a week
    longer = np.minimum(np.sqrt(busy), 12.0)
    lengths = np.empty((n, SPELLS))
    gaps = np.empty((n, SPELLS))
    for spell in range(SPELLS):
        lengths[:, spell] = (3 + draws.exponential(10 + 85 * longer, n)) * DAY
        gaps[:, spell] = (28 + draws.exponential(110.0, n)) * DAY
    returns = np.minimum(0.25 + 0.1 * longer, 0.9)
    alive = np.ones(n, np.bool_)
    starts = np.empty((n, SPELLS))
    begin = arrival.astype(np.float64)
    for spell in range(SPELLS):
        starts[:, spell] = begin
        lengths[:, spell] = np.where(alive, np.clip(until - begin, 0, lengths[:, spell]), 0)
        begin = begin + lengths[:, spell] + gaps[:, spell]
        alive &= draws.chance(returns, n) & (begin < until)

    introduced = draws.uniform(n)
    wave = np.where(introduced < 0.10, 2, np.where(introduced < 0.32, 1, 0))
    wave[(temperament >= TEAM) | (home == BLOG) | (arrival < start + 60 * DAY)] = 0
    return Traits(
        temperament=temperament,
        home=home,
        second=second,
        arrival=arrival,
        busy=busy,
        starts=starts,
        lengths=lengths,
        slope=np.array([0.62, 1.0, 1.6])[draws.below(3, n)],
        watches=draws.exponential(np.array(_WATCHES_DAYS)[temperament] * DAY, n),
        late=draws.below(6, n) - 2,
        favourites=np.stack([draws.below(topics, n), draws.below(topics, n)], axis=1),
        followers=np.maximum(draws.lognormal(170.0, 1.2, n), 3).astype(np.int64),
        wave=wave,
        silent=draws.chance(0.07, n) & (temperament <= LIKER) & (wave == 0),
    )


def budgets(busy: Floats, total: int) -> Ints:
    """How many visits each person pays: in proportion to ``busy``, at least one, about ``total`` in all."""
    most = max(12 * total // max(len(busy), 1), 20)
    low, high = 0.0, float(total)
    for _ in range(60):
        middle = (low + high) / 2
        if np.minimum(1 + np.floor(busy * middle), most).sum() <= total:
            low = middle
        else:
            high = middle
    return np.asarray(np.minimum(1 + np.floor(busy * low), most), np.int64)
