"""What the made-up people do, by a stated model (docs/demo.md says it in words).

Vectorised over all people: a visit is drawn for a person, a time, a platform and a kind. Then, in turn:

1. the bakery answers talk, with a chance by platform and kind that grows as it learns, after a lognormal
   time that respects its hours;
2. an answer makes a return likelier: a reply in the thread, or another visit within days (a self-exciting
   process: Hawkes 1971, simulated by generations);
3. first words that get no answer lose three in ten of those who said them;
4. shares bring newcomers, whose first act is on the shared post, hours later;
5. follows come and go, the bakery reaches out, likes and comments are taken back, a few block.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from courtship.demo.acts import (
    ASKS,
    BLOCK,
    COMMENT,
    ENDORSE,
    FOLLOW,
    LIKE,
    MENTION,
    MESSAGE,
    OWN,
    PLAIN,
    QUOTE,
    SHARE,
    SPAM,
    VIEW,
    VOTE,
    WORDS,
    Acts,
    acts,
    joined,
    put_in_order,
)
from courtship.demo.bakery import (
    BLOG,
    DAY,
    ENDED_DAYS_AGO,
    MASTODON,
    PLATFORMS,
    POLL,
    STORY,
    YEARS_OF_DAYS,
    Posts,
    X,
    visible,
)
from courtship.demo.draw import Draws, Flags, Floats, Ints
from courtship.demo.traits import BOT, TEAM, WATCHER, Traits, budgets

# Of 100 visits, by temperament: at first, and after the time of watching.
#                follow view like vote comm ment mess share quote endorse block
_COLD: Final = np.array([
    [0, 30, 68, 1.6, 0.35, 0, 0.02, 0, 0, 0, 0],
    [0, 18, 75, 5, 1.6, 0, 0.1, 0.02, 0, 0, 0],
    [0, 10, 60, 6, 21, 1, 2, 0, 0, 0, 0],
    [0, 7, 60, 5, 24, 2, 1, 1, 0, 0, 0],
    [0, 0, 60, 0, 30, 5, 0, 5, 0, 0, 0],
    [0, 0, 20, 0, 75, 5, 0, 0, 0, 0, 0],
])  # fmt: skip
_WARM: Final = np.array([
    [0, 30, 68, 1.6, 0.35, 0, 0.02, 0, 0, 0, 0],
    [0, 9, 79, 6, 5, 0.3, 0.5, 0.06, 0, 0.05, 0],
    [0, 4, 51, 6, 33, 3, 2.6, 0.2, 0.05, 0.2, 0],
    [0, 3, 45, 5, 31, 5, 3, 6, 1.5, 0.7, 0],
    [0, 0, 60, 0, 30, 5, 0, 5, 0, 0, 0],
    [0, 0, 20, 0, 75, 5, 0, 0, 0, 0, 0],
])  # fmt: skip
_OFFERS: Final = np.array([  # what each platform has, and how much it is used there
    [1, 1.0, 1, 1.0, 1.0, 0.6, 1.0, 0.5, 0.0, 0, 1],
    [1, 0.0, 1, 0.7, 1.0, 1.0, 0.4, 1.3, 0.8, 0, 1],
    [1, 0.0, 1, 0.3, 1.0, 0.4, 1.3, 1.0, 0.0, 3, 1],
    [0, 0.0, 0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.6, 0, 0],
    [1, 0.0, 1, 0.3, 0.8, 1.2, 0.3, 1.0, 1.2, 0, 1],
])  # fmt: skip

#                        midnight             six               noon              six
_HOURS: Final = np.array([2, 1, 1, 1, 1, 3, 9, 16, 15, 10, 8, 8, 13, 11, 8, 8, 9, 12, 16, 22, 26, 22, 13, 6])
_WEEK: Final = np.array([9, 13, 14, 12, 13, 22, 17])  # Monday first: Saturday is market day

_ANSWERED: Final = np.array([0.55, 0.72, 0.50, 0.85, 0.35])  # by platform
_FOLLOWS: Final = np.array([0.2, 0.3, 0.5, 0.75, 0.6, 0.9])  # by temperament


ONCE: Final = (LIKE, VOTE, VIEW, SHARE)

MOST_A_DAY: Final = 6
"""Visits a day, over all the days that somebody is there: more is no person's way."""


class Town:
    """The people and the posts of one simulation; ``act`` lets them act."""

    def __init__(self, people: Traits, posts: Posts, until: int, seed: int) -> None:
        self.people = people
        self.posts = posts
        self.until = until
        self.start = until - YEARS_OF_DAYS * DAY
        self.seed = seed
        feed = (posts.media != STORY) & (posts.media != POLL)
        self._pools = {
            (pool, platform): np.flatnonzero(which & (posts.platform == platform))
            for pool, which in (
                ("feed", feed),
                ("polls", posts.media == POLL),
                ("stories", posts.media == STORY),
            )
            for platform in range(len(PLATFORMS))
        }
        self.home = people.home
        """Everybody's first platform; who came by a share is where the share was."""

    def act(self, activities: int) -> Acts:
        """Exactly ``activities`` acts in order of time. Raises ``ValueError`` where so few people cannot
        do so much, or so many so little."""
        visits = int(activities * 0.72)
        tried: dict[int, int] = {}
        for turn in range(14):
            made = self._simulate(visits)
            tried[visits] = len(made)
            # few people leap from one number to another and may go round in a circle: then more is taken away
            most = activities * (1.12 + 0.05 * max(0, turn - 7)) + 20
            if activities <= len(made) <= most:
                thinned = self._thinned(made, len(made) - activities)
                if thinned is not None:
                    return thinned
            visits = max(int(visits * 1.05 * activities / len(made)), 1)
            if visits in tried:  # round in a circle: between what was too few and what was too many
                few = [number for number, came in tried.items() if came < activities]
                many = [number for number, came in tried.items() if came >= activities]
                visits = (max(few, default=0) + min(many, default=2 * visits)) // 2 or 1
        raise ValueError(
            f"{len(self.people)} people cannot make {activities} activities: try 6 to 300 for each of them"
        )

    def _thinned(self, made: Acts, surplus: int) -> Acts | None:
        light = ~made.outbound & ~made.kept & ((made.kind == LIKE) | (made.kind == VIEW))
        rows = np.flatnonzero(light)
        if len(rows) < surplus:
            return None
        order = np.argsort(Draws(self.seed, "thin").uniform(len(rows)), kind="stable")
        keep = np.ones(len(made), np.bool_)
        keep[rows[order[:surplus]]] = False
        return put_in_order(made, keep)

    # ------------------------------------------------------------------ one simulation

    def _simulate(self, total: int) -> Acts:
        self._blocks: list[Acts] = []
        self._count = 0
        people, n = self.people, len(self.people)
        self._arrival = people.arrival.copy()
        self.home = people.home.copy()
        self._starts = people.starts.copy()
        counts = np.where(people.silent, 0, budgets(people.busy, total))
        follows = self._will_follow(counts)
        came_by = np.full(n, -1)
        shares: list[Ints] = []
        for wave in range(3):
            draws = Draws(self.seed, "visits", str(wave))
            who = np.flatnonzero((people.wave == wave) & ~people.silent)
            if wave and len(pool := np.concatenate(shares)):
                came_by[who] = self._introduce(who, pool, draws)
            block = self._visits(who, counts[who], came_by, draws)
            alone = (counts[block.person] == 1) & follows[block.person]
            block = block[~(alone & (people.temperament[block.person] == WATCHER) & (block.post >= 0))]
            self._converse(block, draws)
            shares.append(self._shares())
        draws = Draws(self.seed, "rest")
        self._follow(follows, draws)
        self._reach_out(draws)
        self._block(draws)
        made = self._taken_back(joined(self._blocks), draws)
        seen = visible(made.platform, made.at, self.until) & (made.at >= self.start)
        # A list of followers without dates shows those who stayed, once.
        listed = (made.platform == X) & (made.kind == FOLLOW)
        seen &= ~(listed & (made.ended > 0))
        # Of whom nothing could be seen, nobody would know: they follow where all is seen.
        unknown = np.flatnonzero(np.bincount(made.person[seen], minlength=n) == 0)
        self.home[unknown] = MASTODON
        at = np.clip(self._arrival[unknown], self.start, self.until - 600)
        made = joined([made, acts(unknown, self.home[unknown], FOLLOW, at, kept=True)])
        return self._once(made, np.append(seen, np.ones(len(unknown), np.bool_)))

    def _add(self, block: Acts) -> Ints:
        first = self._count
        self._blocks.append(block)
        self._count += len(block)
        return np.arange(first, self._count)

    def _shares(self) -> Ints:
        """The newest block's shares and quotes of a post that others could see, as act numbers."""
        found, first = [], 0
        for block in self._blocks:
            which = ((block.kind == SHARE) | (block.kind == QUOTE)) & ~block.outbound & (block.post >= 0)
            seen = which & visible(block.platform, block.at + 3 * DAY, self.until) & (block.platform != BLOG)
            found.append(first + np.flatnonzero(seen))
            first += len(block)
        return np.concatenate(found)

    # ------------------------------------------------------------------ visits

    def _rhythm(self, at: Floats, late: Ints, draws: Draws) -> Ints:
        """The same weeks, at the weekdays and hours that people keep."""
        n = len(at)
        day: Ints = np.floor(at / DAY).astype(np.int64)
        day += draws.choose(_WEEK, n) - (day + 3) % 7
        hour = (draws.choose(_HOURS, n) + late) % 24
        return day * DAY + hour * 3600 + draws.below(3600, n)

    def _introduce(self, who: Ints, pool: Ints, draws: Draws) -> Ints:
        """The share by which each of ``who`` comes: lately before they come, rather one that many saw."""
        every = joined(self._blocks)
        pool = np.unique(pool)
        pool = pool[np.argsort(every.at[pool], kind="stable")]
        last = np.searchsorted(every.at[pool], self._arrival[who], side="right") - 1
        tries = np.stack([np.maximum(last - draws.geometric(0.04, len(who)), 0) for _ in range(3)])
        reach = self.people.followers[every.person[pool[tries]]]
        by: Ints = pool[tries[reach.argmax(axis=0), np.arange(len(who))]]
        delay = np.minimum(draws.lognormal(9 * 3600.0, 1.1, len(who)), 2.5 * DAY)
        arrival = every.at[by] + 60 + delay.astype(np.int64)
        self._starts[who] += (arrival - self._arrival[who])[:, None]
        self._arrival[who] = arrival
        self._by = every
        return by

    def _visits(self, who: Ints, counts: Ints, came_by: Ints, draws: Draws) -> Acts:
        people = self.people
        lengths = np.minimum(people.lengths, np.maximum(self.until - self._starts, 0))
        # Who came yesterday cannot have been here a hundred times.
        room = (lengths[who].sum(axis=1) * MOST_A_DAY // DAY).astype(np.int64)
        counts = np.minimum(counts, 3 + room)
        person = np.repeat(who, counts)
        n = len(person)
        first = np.zeros(n, np.bool_)
        first[np.cumsum(counts)[:-1]] = True
        if n:
            first[0] = True
        cumulative = np.cumsum(lengths, axis=1)
        place = draws.uniform(n) ** (1 / people.slope[person]) * np.maximum(cumulative[person, -1] - 1, 0)
        spell = np.minimum((place[:, None] >= cumulative[person]).sum(axis=1), lengths.shape[1] - 1)
        into = place - (cumulative[person, spell] - lengths[person, spell])
        at = self._rhythm(self._starts[person, spell] + into, people.late[person], draws)
        soon = (draws.uniform(n) * 2 * DAY).astype(np.int64)
        at = np.where(at >= self.until, at - 7 * DAY, at)
        at = np.where(at <= self._arrival[person], self._arrival[person] + soon, at)
        at = np.where(first, self._arrival[person], at)

        other = (people.second[person] >= 0) & ~first & draws.chance(0.35, n)
        by = came_by[person]
        come = first & (by >= 0)
        if come.any():
            self.home[person[come]] = self._by.platform[by[come]]
        platform = np.where(other, people.second[person], self.home[person])

        warm = at - self._arrival[person] > people.watches[person]
        kinds = len(_COLD)
        table = np.stack([_COLD, _WARM])[:, :, None, :] * _OFFERS[None, None]
        table = np.maximum(table.reshape(2 * kinds * len(PLATFORMS), -1), 1e-12)
        row = (warm * kinds + people.temperament[person]) * len(PLATFORMS) + platform
        kind = draws.choose_rows(table, row)
        kind = np.where(come, np.where(draws.chance(0.7, n), LIKE, COMMENT), kind)
        post = self._about(platform, kind, at, people.favourites[person], draws)
        without = (post < 0) & ((kind == VOTE) | (kind == VIEW))
        kind = np.where(without, LIKE, kind)
        again = self._about(platform, kind, at, people.favourites[person], draws)
        post = np.where(without, again, post)
        if come.any():
            post = np.where(come, self._by.post[by], post)
        for _ in range(3):
            # Nobody likes a thing twice: who has seen the newest goes through the older ones.
            twice = np.flatnonzero(self._repeats(person, kind, post, at) & ~first)
            fresh = self._about(
                platform[twice], kind[twice], at[twice], people.favourites[person[twice]], draws, deep=1.0
            )
            post[twice] = np.where(fresh < 0, post[twice], fresh)
        asks = draws.chance(0.17, n) & ((kind == COMMENT) | (kind == MESSAGE))
        manner = np.where(asks, ASKS, PLAIN)
        manner = np.where(people.temperament[person] == BOT, SPAM, manner)
        return acts(person, platform, kind, at, post=post, manner=manner, kept=first)

    def _repeats(self, person: Ints, kind: Ints, post: Ints, at: Ints) -> Flags:
        """Which acts do again what one does once: like, vote for, view or share the same thing."""
        once = np.isin(kind, ONCE) & (post >= 0)
        rows = np.flatnonzero(once)
        rows = rows[np.argsort(at[rows], kind="stable")]
        key = (person[rows] * 16 + kind[rows]) * (len(self.posts) + 1) + post[rows]
        _, first = np.unique(key, return_index=True)
        once[rows[first]] = False
        return once

    def _about(
        self, platform: Ints, kind: Ints, at: Ints, favourites: Ints, draws: Draws, deep: float = 0.15
    ) -> Ints:
        """The post that an act is about: a recent one, rather one on a favourite topic; -1 for none.

        ``deep``: how often it is any older one.
        """
        n = len(at)
        back = np.stack([draws.geometric(0.32, n) for _ in range(3)])
        digs = draws.chance(deep, n)
        depth = draws.uniform(n)
        out = np.full(n, -1)
        pools = {VOTE: "polls", VIEW: "stories"}
        for (pool, place), posts in self._pools.items():
            here = (platform == place) & np.isin(
                kind, (FOLLOW, MENTION, MESSAGE, ENDORSE, BLOCK), invert=True
            )
            here &= (
                (kind == VOTE)
                if pool == "polls"
                else (kind == VIEW)
                if pool == "stories"
                else ~np.isin(kind, list(pools))
            )
            rows = np.flatnonzero(here)
            if not len(rows) or not len(posts):
                continue
            before = np.searchsorted(self.posts.at[posts], at[rows], side="right")
            tries = np.maximum(before - 1 - back[:, rows], 0)
            liked = (self.posts.topic[posts[tries]][:, :, None] == favourites[rows][None]).any(axis=2)
            pick = np.where(liked.any(axis=0), liked.argmax(axis=0), 0)
            chosen = np.where(
                digs[rows], (depth[rows] * before).astype(np.int64), tries[pick, np.arange(len(rows))]
            )
            out[rows] = np.where(before > 0, posts[np.minimum(chosen, len(posts) - 1)], -1)
        return out

    # ------------------------------------------------------------------ answers and returns

    def _answer(self, talk: Acts, generation: int, draws: Draws) -> tuple[Flags, Ints, Ints]:
        """Which talk the bakery answers, when, and how (a kind)."""
        n = len(talk)
        chance = _ANSWERED[talk.platform] * (0.8 + 0.3 * (talk.at - self.start) / (self.until - self.start))
        chance = np.where(talk.kind == MESSAGE, 0.93, chance) + 0.12 * (talk.manner == ASKS)
        month = talk.at // DAY % 365 // 30
        chance *= np.where(month == 11, 0.8, 1.0) * 0.6**generation
        chance = np.where(talk.manner == SPAM, 0.0, chance)
        at = talk.at + 120 + draws.lognormal(3.5 * 3600.0, 1.5, n).astype(np.int64)
        hour = at % DAY // 3600
        morning = at - at % DAY + np.where(hour > 20, DAY, 0) + 4 * 3600 + draws.below(7200, n)
        at = np.where((hour < 4) | (hour > 20), morning, at)
        words = np.where(draws.chance(np.where(talk.manner == ASKS, 0.95, 0.52), n), COMMENT, LIKE)
        kind = np.where(talk.kind == MESSAGE, MESSAGE, words)
        kind = np.where(talk.platform == BLOG, COMMENT, kind)
        answered = draws.chance(chance, n) & WORDS[talk.kind] & visible(talk.platform, at, self.until)
        return answered, at, kind

    def _converse(self, block: Acts, draws: Draws) -> None:
        """Add visits, the answers to them, and what the answers bring, generation by generation."""
        people = self.people
        answered, at, kind = self._answer(block, 0, draws)
        # Whoever gets no answer to the first words is gone in three of ten cases.
        spoken = np.flatnonzero(WORDS[block.kind])
        spoken = spoken[np.lexsort((block.at[spoken], block.person[spoken]))]
        _, once = np.unique(block.person[spoken], return_index=True)
        opening = spoken[once]
        gives_up = ~answered[opening] & draws.chance(0.3, len(opening))
        leaves = np.full(len(people), np.iinfo(np.int64).max)
        leaves[block.person[opening[gives_up]]] = block.at[opening[gives_up]] + 20 * DAY
        stays = block.at <= leaves[block.person]
        block, answered, at, kind = block[stays], answered[stays], at[stays], kind[stays]
        for generation in range(3):
            number = self._add(block)
            rows = np.flatnonzero(answered)
            talk = block[rows]
            if not len(rows):
                return
            replies = self._add(
                acts(talk.person, talk.platform, kind[rows], at[rows], post=talk.post, parent=number[rows],
                     outbound=True, manner=np.where(talk.manner == ASKS, ASKS, PLAIN))
            )  # fmt: skip
            in_words = kind[rows] != LIKE
            back = draws.chance(np.where(in_words, 0.36, 0.0), len(rows))
            when = at[rows] + 90 + draws.exponential(0.8 * DAY, len(rows)).astype(np.int64)
            same = np.where(talk.kind == MESSAGE, MESSAGE, COMMENT)
            heart = draws.chance(0.35, len(rows)) & (talk.platform != BLOG) & (same == COMMENT)
            thread = acts(talk.person, talk.platform, np.where(heart, LIKE, same), when,
                          post=talk.post, parent=replies, kept=True)[back]  # fmt: skip
            again = draws.chance(np.where(in_words, 0.22, 0.12), len(rows)) & (talk.platform != BLOG)
            when = at[rows] + draws.exponential(4.0 * DAY, len(rows)).astype(np.int64) + 600
            act = np.where(draws.chance(0.35, len(rows)), COMMENT, LIKE)
            about = self._about(talk.platform, act, when, people.favourites[talk.person], draws)
            more = acts(talk.person, talk.platform, act, when, post=about)[again]
            block = joined([thread, more])
            block = block[visible(block.platform, block.at, self.until)]
            answered, at, kind = self._answer(block, generation + 1, draws)
        self._add(block)

    # ------------------------------------------------------------------ the rest

    def _will_follow(self, counts: Ints) -> Flags:
        people = self.people
        draws = Draws(self.seed, "follows")
        chance = _FOLLOWS[people.temperament] + 0.1 * (counts > 20)
        wish: Flags = draws.chance(chance, len(people)) & (self.home != BLOG) & ~people.silent
        return wish

    def _follow(self, follows: Flags, draws: Draws) -> None:
        people = self.people
        for home, which in ((self.home, follows), (people.second, follows & (people.second >= 0))):
            who = np.flatnonzero(which & (home != BLOG))
            n = len(who)
            soon = draws.chance(0.4, n) | (home[who] != self.home[who])
            wait = np.where(soon, draws.exponential(3600.0, n), draws.exponential(25.0 * DAY, n))
            at = self._arrival[who] + 30 + wait.astype(np.int64)
            at = np.where(at >= self.until, self._arrival[who] + 30, at)
            leaves = draws.chance(0.2, n)
            ended = at + 60 + draws.exponential(170.0 * DAY, n).astype(np.int64)
            ended = np.where(
                leaves & (ended < self.until - DAY * np.array(ENDED_DAYS_AGO)[home[who]]), ended, 0
            )
            block = acts(who, home[who], FOLLOW, at, ended=ended, kept=True)
            self._add(block)
            # some of those who left come back
            back = block[(ended > 0) & (home[who] != X) & draws.chance(0.2, n)]
            back = replace(
                back, at=back.ended + draws.exponential(60.0 * DAY, len(back)).astype(np.int64) + 3600
            )
            self._add(replace(back, ended=np.zeros(len(back), np.int64)))
            returned = draws.chance(np.where(people.temperament[who] > WATCHER, 0.08, 0.02), n)
            at = at + draws.exponential(6.0 * DAY, n).astype(np.int64)
            self._add(acts(who, home[who], FOLLOW, at, outbound=True, kept=True)[returned])

    def _reach_out(self, draws: Draws) -> None:
        """The bakery speaks first to some, and likes what its talkers post themselves."""
        people = self.people
        silent = np.flatnonzero(people.silent & (self.home != BLOG))
        first = np.flatnonzero(draws.chance(0.05, len(people)) & ~people.silent & (self.home != BLOG))
        for who, back in ((silent, 0.0), (silent[draws.chance(0.4, len(silent))], -5.0), (first, 6.0)):
            n = len(who)
            wait = draws.exponential(abs(back) * DAY, n).astype(np.int64) * (1 if back > 0 else -1)
            kind = np.array([LIKE, COMMENT, FOLLOW])[draws.choose([0.6, 0.28, 0.12], n)]
            at = np.clip(self._arrival[who] - wait, self.start, self.until - 60)
            self._add(acts(who, self.home[who], kind, at, outbound=True, manner=OWN, kept=True))
        every = joined(self._blocks)
        talk = every[WORDS[every.kind] & ~every.outbound & (every.platform != BLOG) & (every.manner != SPAM)]
        talk = talk[draws.chance(0.07, len(talk))]
        at = talk.at + draws.exponential(6.0 * DAY, len(talk)).astype(np.int64)
        kind = np.where(draws.chance(0.75, len(talk)), LIKE, COMMENT)
        self._add(acts(talk.person, talk.platform, kind, at, outbound=True, manner=OWN, kept=True))

    def _block(self, draws: Draws) -> None:
        people = self.people
        bots = people.temperament == BOT
        who = np.flatnonzero(
            draws.chance(np.where(bots, 0.5, 0.006), len(people))
            & (self.home != BLOG)
            & (people.temperament != TEAM)
        )
        n = len(who)
        at = self._arrival[who] + 3600 + draws.exponential(60.0 * DAY, n).astype(np.int64)
        lifted = draws.chance(0.25, n) & ~bots[who]
        ended = np.where(lifted, at + draws.exponential(40.0 * DAY, n).astype(np.int64) + DAY, 0)
        ended = np.where(ended < self.until, ended, 0)
        ours = bots[who] | draws.chance(0.35, n)
        ours |= self.home[who] == X  # an archive of X does not say who blocks its owner
        self._add(replace(acts(who, self.home[who], BLOCK, at, ended=ended, kept=True), outbound=ours))

    def _taken_back(self, made: Acts, draws: Draws) -> Acts:
        """Some likes and comments are undone or deleted, mostly within the hour."""
        n = len(made)
        chance = np.where(made.kind == LIKE, 0.006, np.where(made.kind == COMMENT, 0.012, 0.0))
        goes = draws.chance(chance, n) & ~made.outbound & (made.parent < 0) & ~made.kept
        when = made.at + 20 + draws.lognormal(1200.0, 2.0, n).astype(np.int64)
        goes &= when < self.until
        return replace(made, ended=np.where(goes, when, made.ended))

    def _once(self, made: Acts, seen: Flags) -> Acts:
        """Without second likes, votes, views and shares of the same thing, and what hangs on the unseen."""
        done = seen & (made.parent < 0)
        keep = seen.copy()
        keep[done] = ~self._repeats(made.person[done], made.kind[done], made.post[done], made.at[done])
        rows = np.flatnonzero((made.kind == ENDORSE) & keep)
        _, first = np.unique(made.person[rows], return_index=True)
        keep[rows] = False
        keep[rows[first]] = True
        # blocks are made in order, so that a parent is settled before what answers it
        for _ in range(6):
            orphan = keep & (made.parent >= 0) & ~keep[made.parent]
            if not orphan.any():
                break
            keep &= ~orphan
        made = replace(made, at=self._as_told(made))
        return put_in_order(made, keep)

    def _as_told(self, made: Acts) -> Ints:
        """X lists followers without dates: all that is known is the day of the archive."""
        undated = (made.platform == X) & (made.kind == FOLLOW)
        return np.where(undated, self.until - ENDED_DAYS_AGO[X] * DAY - 1, made.at)
