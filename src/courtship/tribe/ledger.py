"""The ledger of give and take: double entry, a star between the brand and each member.

Every act between the two is entered once, on the side that gave; an act that was taken back is entered again
with the opposite sign at the moment of its end. Commitments make acts *due*; acts *settle* what is due, each
at most one, oldest first. What is open when a commitment is paused or ends is let go, so that neither leaves
a debt. Everything is a function of the set of acts, posts and commitments as of one moment: a late act, an
Undo or a merge changes balances exactly as a reckoning anew would, since there is no other.

All in integers, over arrays: a million acts take less than a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from courtship.model import DAY, Micros
from courtship.tribe.commitment import FULFILS, GIFTS, Commitment, Span, spans_of
from courtship.vocabulary import COUNTED, KIND_CODE, KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

UNKNOWN: Final = -1
"""An act's object where its source does not say it."""

ELSEWHERE: Final = -2
"""An act's object where it is known and no post (a comment, a profile)."""

BRAND: Final = -1
"""The owner of a post of the brand's."""

_ENTERED: Final = np.array([kind in COUNTED for kind in KINDS])


class Acts(NamedTuple):
    """``n`` acts between the brand and members, in order of (time, id). ``member`` indexes the members;
    ``outbound`` is 1 where the brand gave; ``kind`` as in ``vocabulary.KIND_CODE``; ``ended`` is ``FOREVER``
    where the act stands; ``object`` indexes `Posts`, or is ``UNKNOWN`` or ``ELSEWHERE``."""

    member: Ints
    outbound: Ints
    kind: Ints
    at: Ints
    ended: Ints
    object: Ints


class Posts(NamedTuple):
    """Posts of the brand (``owner`` is ``BRAND``) and of members (the index of one), in any order; ``topics``
    are the words that each is about, in small letters."""

    owner: Ints
    at: Ints
    topics: Sequence[frozenset[str]]


class Lines(NamedTuple):
    """What is promised without a break: one gift of one commitment in one span of its being in force. Sorted
    by (member, giver, gift, start); no two of the same member, giver and gift overlap."""

    commitment: Ints
    member: Ints
    outbound: Ints
    gift: Ints
    start: Ints
    end: Ints


class Dues(NamedTuple):
    """What fell due, in order of (line, time). ``post`` is -1 where any post will do; ``on_time`` is until
    when it is on time; ``settled_by`` is the index of the act, -1 where there is none; ``open`` is false
    where it is settled or was let go."""

    line: Ints
    at: Ints
    on_time: Ints
    post: Ints
    settled_by: Ints
    open: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The books as of ``at``. ``settles`` has for each act the index of what it settled, -1 for a gift freely
    given."""

    at: Micros
    members: int
    acts: Acts
    lines: Lines
    dues: Dues
    settles: Ints

    def entries(self) -> tuple[Ints, Ints, Ints]:
        """(act, sign, moment) of every entry up to ``at``, in order of the acts: each act once, and once more
        with -1 where it was taken back."""
        told = np.flatnonzero(_entered(self.acts) & (self.acts.at <= self.at))
        back = told[self.acts.ended[told] <= self.at]
        act = np.concatenate([told, back])
        sign = np.concatenate([np.ones(len(told), np.int64), -np.ones(len(back), np.int64)])
        when = np.concatenate([self.acts.at[told], self.acts.ended[back]])
        order = np.lexsort((-sign, act))
        return act[order], sign[order], when[order]

    def given(self) -> NDArray[np.int64]:
        """Members x 2 x kinds: how many acts stand that the member (0) or the brand (1) gave."""
        act, sign, _ = self.entries()
        return self._summed(act, sign, 1)[:, 0]

    def given_by_week(self, weeks: Ints) -> NDArray[np.int64]:
        """Members x weeks x 2 x kinds. ``weeks`` are the starts of the weeks, ascending; what was taken back
        is taken from the week in which that happened. Entries before the first week are left out."""
        act, sign, when = self.entries()
        week = np.searchsorted(weeks, when, "right") - 1
        inside = week >= 0
        return self._summed(act[inside], sign[inside], len(weeks), week[inside])

    def _summed(self, act: Ints, sign: Ints, weeks: int, week: Ints | None = None) -> NDArray[np.int64]:
        acts = self.acts
        place = acts.member[act] * weeks + (0 if week is None else week)
        place = (place * 2 + acts.outbound[act]) * len(KINDS) + acts.kind[act]
        size = self.members * weeks * 2 * len(KINDS)
        came = np.bincount(place[sign > 0], minlength=size)
        went = np.bincount(place[sign < 0], minlength=size)
        return (came - went).astype(np.int64).reshape(self.members, weeks, 2, len(KINDS))

    def open_dues(self) -> NDArray[np.int64]:
        """Members x 2 x gifts: how much is open that the member (0) or the brand (1) promised."""
        line = self.dues.line[self.dues.open]
        place = (self.lines.member[line] * 2 + self.lines.outbound[line]) * len(GIFTS) + self.lines.gift[line]
        size = self.members * 2 * len(GIFTS)
        return np.bincount(place, minlength=size).astype(np.int64).reshape(self.members, 2, len(GIFTS))


def reckon(
    acts: Acts,
    posts: Posts,
    promised: Sequence[tuple[int, Commitment]],
    *,
    members: int,
    weeks: Ints,
    at: Micros,
    blocked: Mapping[int, Sequence[Span]] | None = None,
) -> Ledger:
    """The books as of ``at`` (UTC microseconds). What is later is not known yet.

    ``promised`` are (member, commitment). ``weeks`` are the starts of the owner's weeks, ascending, from
    before the first commitment to after ``at``. While a block stands between the two (``blocked``), nothing
    is due.
    """
    lines = _lines(promised, blocked or {}, at)
    dues = _dues(lines, promised, posts, weeks, at)
    settles = np.full(len(acts.at), -1, np.int64)
    settled_by = np.full(len(dues.at), -1, np.int64)
    if len(lines.start) and len(dues.at):
        standing = (acts.at <= at) & (acts.ended > at)
        for gift in range(len(GIFTS)):
            _settle(gift, acts, standing, posts, lines, dues, promised, settles, settled_by)
    still = (settled_by < 0) & (lines.end[dues.line] > at)
    return Ledger(at, members, acts, lines, dues._replace(settled_by=settled_by, open=still), settles)


def _entered(acts: Acts) -> NDArray[np.bool_]:
    """Acts that are given: of all kinds but ``follow`` and ``block``, which are states."""
    found: NDArray[np.bool_] = _ENTERED[acts.kind]
    return found


# ---------------------------------------------------------------- what is promised


def _lines(
    promised: Sequence[tuple[int, Commitment]], blocked: Mapping[int, Sequence[Span]], at: Micros
) -> Lines:
    rows: list[tuple[int, int, int, Micros, int, Micros]] = []
    for number, (member, commitment) in enumerate(promised):
        spans = _without(spans_of(commitment), blocked.get(member, ()))
        outbound = int(commitment.terms.giver == "brand")
        rows += [
            (member, outbound, GIFTS.index(gift), start, number, end)
            for gift in commitment.terms.gifts
            for start, end in spans
            if start <= at
        ]
    # of two that promise the same thing at the same time the one that began first counts; `step` refuses such
    # at the door, yet decisions may come from elsewhere
    rows.sort(key=lambda row: (*row[:4], promised[row[4]][1].id, row[5]))
    kept: list[tuple[int, int, int, Micros, int, Micros]] = []
    for row in rows:
        member, outbound, gift, start, number, end = row
        if kept and kept[-1][:3] == row[:3]:
            start = max(start, kept[-1][5])
        if start < end and start <= at:
            kept.append((member, outbound, gift, start, number, end))
    table: Ints = np.array(kept, np.int64).reshape(-1, 6)
    members, sides, gifts, starts, numbers, ends = (table[:, place] for place in range(6))
    return Lines(numbers, members, sides, gifts, starts, ends)


def _without(spans: Iterable[Span], holes: Sequence[Span]) -> list[Span]:
    """The spans without the holes."""
    left = list(spans)
    for hole_start, hole_end in holes:
        left = [
            (start, end)
            for whole_start, whole_end in left
            for start, end in (
                (whole_start, min(whole_end, hole_start)),
                (max(whole_start, hole_end), whole_end),
            )
            if start < end
        ]
    return left


# ---------------------------------------------------------------- what falls due


def _dues(
    lines: Lines, promised: Sequence[tuple[int, Commitment]], posts: Posts, weeks: Ints, at: Micros
) -> Dues:
    terms = [commitment.terms for _, commitment in promised]
    pace = np.array([_PACES[each.pace] for each in terms], np.int64)
    found = [
        _for_posts(lines, np.flatnonzero(pace[lines.commitment] == 0), terms, posts, weeks, at),
        _for_weeks(lines, np.flatnonzero(pace[lines.commitment] == 1), terms, weeks, at),
    ]
    line, when, on_time, post = (np.concatenate(each) for each in zip(*found, strict=True))
    order = np.argsort(line, kind="stable")  # of a line all come from one of the two, in order of time
    nobody = np.full(len(line), -1, np.int64)
    return Dues(line[order], when[order], on_time[order], post[order], nobody, nobody < 0)


_PACES = {"each_post": 0, "per_week": 1, "best_effort": 2}
_Due = tuple["Ints", "Ints", "Ints", "Ints"]


def _for_posts(lines: Lines, of: Ints, terms: Sequence, posts: Posts, weeks: Ints, at: Micros) -> _Due:  # type: ignore[type-arg]
    """Each post within a line's span, of the other side, about one of its topics, up to its cap a week."""
    order = np.lexsort((np.arange(len(posts.at)), posts.at, posts.owner))
    times = np.unique(posts.at)
    owner = np.where(lines.outbound[of] == 1, lines.member[of], BRAND)
    key = (posts.owner[order] - BRAND) * (len(times) + 1) + np.searchsorted(times, posts.at[order])
    base = (owner - BRAND) * (len(times) + 1)
    until = np.minimum(lines.end[of], at + 1)
    low = np.searchsorted(key, base + np.searchsorted(times, lines.start[of]))
    high = np.maximum(low, np.searchsorted(key, base + np.searchsorted(times, until)))
    place, within = _spread(high - low)
    line, post = of[place], order[low[place] + within]
    number = lines.commitment[line]
    asked = {each: [k for k, t in enumerate(terms) if t.topics == each] for each in {t.topics for t in terms}}
    fits = np.ones(len(line), bool)
    for topics, numbers in asked.items():
        if topics:
            about = _about(topics, posts)
            fits &= ~np.isin(number, numbers) | about[post]
    line, post = line[fits], post[fits]
    cap = np.array([t.cap for t in terms], np.int64)[lines.commitment[line]] if len(line) else line
    week = np.searchsorted(weeks, posts.at[post], "right")
    keep = (cap == 0) | (_turn(line, week) < cap)
    line, post = line[keep], post[keep]
    days = np.array([t.within_days for t in terms], np.int64)[lines.commitment[line]] if len(line) else line
    when = posts.at[post]
    return line, when, when + days * DAY, post


def _about(topics: Iterable[str], posts: Posts) -> NDArray[np.bool_]:
    wanted = {topic.casefold() for topic in topics}
    return np.array([not wanted.isdisjoint(words) for words in posts.topics], bool)


def _for_weeks(lines: Lines, of: Ints, terms: Sequence, weeks: Ints, at: Micros) -> _Due:  # type: ignore[type-arg]
    """So many a week; of a week that is in force only in part, the part in whole days, rounded down."""
    first = np.searchsorted(weeks, lines.start[of], "right") - 1
    last = np.searchsorted(weeks, np.minimum(lines.end[of], at + 1), "left")
    last = np.minimum(last, len(weeks) - 1)
    place, within = _spread(np.maximum(last - first, 0))
    line = of[place]
    week = first[place] + within
    begins, ends = np.maximum(weeks[week], lines.start[line]), np.minimum(weeks[week + 1], lines.end[line])
    times = np.array([t.times for t in terms], np.int64)[lines.commitment[line]] if len(line) else line
    whole = (begins == weeks[week]) & (ends == weeks[week + 1])
    amount = np.where(whole, times, times * ((ends - begins) // DAY) // 7)
    again, _ = _spread(amount)
    line = line[again]
    return line, begins[again], ends[again], np.full(len(line), -1, np.int64)


def _spread(counts: Ints) -> tuple[Ints, Ints]:
    """Indices repeated so many times each, and the number of each repetition from 0.

    >>> [each.tolist() for each in _spread(np.array([2, 0, 1]))]
    [[0, 0, 2], [0, 1, 0]]
    """
    place = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    return place, np.arange(len(place)) - starts[place]


def _turn(*groups: Ints) -> Ints:
    """The place of each row within its run of equal groups, from 0."""
    size = len(groups[0])
    if not size:
        return np.zeros(0, np.int64)
    new = np.zeros(size, bool)
    new[0] = True
    for group in groups:
        new[1:] |= group[1:] != group[:-1]
    starts = np.flatnonzero(new)
    turn: Ints = np.arange(size) - starts[np.cumsum(new) - 1]
    return turn


# ---------------------------------------------------------------- what settles it


def _settle(
    gift: int,
    acts: Acts,
    standing: NDArray[np.bool_],
    posts: Posts,
    lines: Lines,
    dues: Dues,
    promised: Sequence[tuple[int, Commitment]],
    settles: Ints,
    settled_by: Ints,
) -> None:
    """Lets acts that are still free settle what is due of one gift; writes both ways.

    An act on the very post that is due settles that. Then, oldest first: an act of which nobody says what it
    was on settles anything; any act settles what is promised by the week.
    """
    codes = [KIND_CODE[kind] for kind in FULFILS[GIFTS[gift]]]
    act = np.flatnonzero(standing & (settles < 0) & np.isin(acts.kind, codes))
    line = _line_of(gift, acts, act, lines)
    act, line = act[line >= 0], line[line >= 0]
    if not len(act):
        return
    mine = np.flatnonzero(lines.gift[dues.line] == gift)
    size = len(posts.at) + 1
    named = mine[dues.post[mine] >= 0]
    key = dues.line[named] * size + dues.post[named]
    order = np.argsort(key, kind="stable")
    wanted = line * size + acts.object[act]
    place = np.minimum(np.searchsorted(key[order], wanted), max(len(key) - 1, 0))
    if len(key):
        due = named[order[place]]
        hit = (acts.object[act] >= 0) & (key[order[place]] == wanted) & (acts.at[act] >= dues.at[due])
        first = np.unique(due[hit], return_index=True)[1]
        done = np.flatnonzero(hit)[first]
        settles[act[done]], settled_by[due[done]] = due[done], act[done]
    weekly = np.array([c.terms.pace == "per_week" for _, c in promised])[lines.commitment[line]]
    about = np.ones(len(act), bool)
    for number in np.unique(lines.commitment[line[weekly]]):
        if topics := promised[number][1].terms.topics:
            of = weekly & (lines.commitment[line] == number) & (acts.object[act] != UNKNOWN)
            about[of] = (acts.object[act[of]] >= 0) & _about(topics, posts)[acts.object[act[of]]]
    free = (settles[act] < 0) & about & (weekly | (acts.object[act] == UNKNOWN))
    _oldest_first(act[free], line[free], mine[settled_by[mine] < 0], acts, dues, settles, settled_by)


def _line_of(gift: int, acts: Acts, act: Ints, lines: Lines) -> Ints:
    """The line within which each act falls, -1 for none."""
    of = np.flatnonzero(lines.gift == gift)  # in order of (member, giver, start)
    if not len(of):
        return np.full(len(act), -1, np.int64)
    times = np.unique(lines.start[of])
    whose = (lines.member * 2 + lines.outbound)[of] * (len(times) + 1)
    key = whose + np.searchsorted(times, lines.start[of]) + 1
    wanted = (acts.member[act] * 2 + acts.outbound[act]) * (len(times) + 1)
    place = np.searchsorted(key, wanted + np.searchsorted(times, acts.at[act], "right"), "right") - 1
    line = of[np.maximum(place, 0)]
    fits = (
        (place >= 0)
        & (lines.member[line] == acts.member[act])
        & (lines.outbound[line] == acts.outbound[act])
        & (lines.start[line] <= acts.at[act])
        & (acts.at[act] < lines.end[line])
    )
    return np.where(fits, line, -1)


def _oldest_first(
    act: Ints, line: Ints, due: Ints, acts: Acts, dues: Dues, settles: Ints, settled_by: Ints
) -> None:
    """Within each line the acts, in order of time, each settle the oldest that is due by then, if any.

    With D(k) the number due by the k-th act, the number settled after it is S(k) = min(S(k-1) + 1, D(k)); as
    D never falls this is min(k + 1, min over j <= k of D(j) - j + k): a running minimum, for all at once.
    """
    if not len(act) or not len(due):
        return
    order = np.lexsort((act, line))
    act, line = act[order], line[order]
    times = np.unique(dues.at[due])
    key = dues.line[due] * (len(times) + 1) + np.searchsorted(times, dues.at[due]) + 1
    base = np.searchsorted(dues.line[due], line)
    by_then = line * (len(times) + 1) + np.searchsorted(times, acts.at[act], "right")
    count = np.searchsorted(key, by_then, "right") - base
    turn = _turn(line)
    far = 2 * (len(act) + len(due) + 1)  # sets the lines apart, so that none sees another's minimum
    group = np.cumsum(turn == 0)
    least = np.minimum.accumulate(count - turn - group * far) + group * far
    settled = np.maximum(np.minimum(turn + 1, least + turn), 0)
    before = np.where(turn == 0, 0, np.concatenate([[0], settled[:-1]]))
    done = settled > before
    chosen = due[base[done] + settled[done] - 1]
    settles[act[done]], settled_by[chosen] = chosen, act[done]
