"""Who answers whom, how often and how fast: both ways, and by platform.

* **Talk** is a precise act in words or a share (``vocabulary.TALK``) that still stands.
* An act of talk is **answered** by the earliest later act of the other side (``vocabulary.ANSWERS``,
  precise, still standing) that replies to it or reacts to it: its ``in_reply_to``, or its ``object``, is
  the ``object`` of the talk. Where no act says so, by the first act of the other side strictly later and
  within ``ANSWER_DAYS``: people answer three messages with one, and many platforms do not name what is
  answered. One act may answer several.
* Talk that is not answered yet and not older than ``ANSWER_DAYS`` **waits**, and counts in no share.
  Whether older talk was answered is **unknown**, and counts in no share, where its ``ANSWER_DAYS`` do not
  lie within what is seen of the answering side.
* The **share answered** is answered / (answered + unanswered). Times to an answer are whole
  microseconds; median and 90th percentile are by nearest rank (the smallest value that at least half,
  or nine tenths, of all do not exceed): always a time that did happen.

Reciprocity and response time as signs of a tie: Gilbert and Karahalios (2009), "Predicting tie strength
with social media", CHI; nearest rank: Hyndman and Fan (1996), definition 1.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple, Protocol

from courtship.model import DAY, FOREVER, Address, Micros
from courtship.vocabulary import ANSWERS, TALK

ANSWER_DAYS: Final = 30
"""Within how many days the other side's next act counts as the answer."""

ALWAYS: Final[tuple[Micros, Micros]] = (-FOREVER, FOREVER)
"""Seen from the beginning to this day."""

_WAITS, _UNKNOWN = -1, -2


class Told(Protocol):
    """What is read of an activity: ``model.Activity`` and ``model.StoredActivity`` both have it."""

    @property
    def kind(self) -> str: ...
    @property
    def actor(self) -> Address: ...
    @property
    def target(self) -> Address: ...
    @property
    def at(self) -> Micros: ...
    @property
    def ended(self) -> Micros | None: ...
    @property
    def precise(self) -> bool: ...
    @property
    def object(self) -> str | None: ...
    @property
    def in_reply_to(self) -> str | None: ...


class Answers(NamedTuple):
    """How one side's talk fared. ``median`` and ``p90`` are microseconds, ``None`` without an answer."""

    talk: int
    answered: int
    unanswered: int
    waiting: int
    unknown: int
    median: Micros | None
    p90: Micros | None

    @property
    def per_cent(self) -> int | None:
        """The share answered of what could have been, in whole per cent (down); ``None`` if of nothing."""
        of = self.answered + self.unanswered
        return 100 * self.answered // of if of else None


class Responsiveness(NamedTuple):
    """``ours``: how the brand answers them; ``theirs``: how they answer the brand; each also by the
    platform of the talk.
    """

    ours: Answers
    theirs: Answers
    ours_by_platform: dict[str, Answers]
    theirs_by_platform: dict[str, Answers]


def responsiveness(
    activities: Iterable[Told],
    brand: Collection[Address],
    at: Micros,
    *,
    ours_seen: tuple[Micros, Micros] = ALWAYS,
    theirs_seen: tuple[Micros, Micros] = ALWAYS,
) -> Responsiveness:
    """Who answers whom between the brand and one person, as of ``at``.

    ``activities`` are those of all of the person's accounts with all of the brand's, in any order.
    ``ours_seen`` and ``theirs_seen`` say from when to when the brand's acts towards the person are seen,
    and the person's (``Coverages.covered``).
    """
    standing = [
        act
        for act in sorted(activities, key=lambda act: act.at)
        if act.at <= at and act.precise and (act.ended is None or max(act.ended, act.at) > at)
    ]
    inbound = [act for act in standing if act.target in brand and act.actor not in brand]
    outbound = [act for act in standing if act.actor in brand and act.target not in brand]
    ours = _answers(inbound, outbound, at, ours_seen)
    theirs = _answers(outbound, inbound, at, theirs_seen)
    return Responsiveness(ours.pop(""), theirs.pop(""), ours, theirs)


def nearest_rank(values: Sequence[int], per_cent: int) -> int:
    """The smallest of the sorted ``values`` that at least ``per_cent`` of them do not exceed."""
    return values[max(0, -(-len(values) * per_cent // 100) - 1)]


def _answers(
    said: Sequence[Told], replies: Sequence[Told], at: Micros, seen: tuple[Micros, Micros]
) -> dict[str, Answers]:
    """By platform of the talk, and of all under ``""``."""
    replies = [act for act in replies if act.kind in ANSWERS]
    times = [act.at for act in replies]
    named: dict[str, list[Micros]] = {}
    for act in replies:
        for name in {act.in_reply_to, act.object} - {None, ""}:
            assert name is not None
            named.setdefault(name, []).append(act.at)
    outcomes: dict[str, list[Micros | None]] = {"": []}
    for act in said:
        if act.kind not in TALK:
            continue
        direct = named.get(act.object or "", [])
        place = bisect_right(direct, act.at)
        answer = direct[place] if place < len(direct) else FOREVER
        if answer == FOREVER:
            place = bisect_right(times, act.at)
            if place < len(times) and times[place] < act.at + ANSWER_DAYS * DAY:
                answer = times[place]
        delay = answer - act.at if answer != FOREVER else None
        if delay is None and act.at + ANSWER_DAYS * DAY > at:
            delay = _WAITS
        elif delay is None and not (seen[0] <= act.at and act.at + ANSWER_DAYS * DAY <= seen[1]):
            delay = _UNKNOWN
        outcomes[""].append(delay)
        outcomes.setdefault(platform(act.actor), []).append(delay)
    return {name: _summary(each) for name, each in outcomes.items()}


def _summary(delays: Sequence[Micros | None]) -> Answers:
    answered = sorted(delay for delay in delays if delay is not None and delay >= 0)
    return Answers(
        talk=len(delays),
        answered=len(answered),
        unanswered=sum(delay is None for delay in delays),
        waiting=sum(delay == _WAITS for delay in delays),
        unknown=sum(delay == _UNKNOWN for delay in delays),
        median=nearest_rank(answered, 50) if answered else None,
        p90=nearest_rank(answered, 90) if answered else None,
    )


def platform(account: Address) -> str:
    """The platform of an account: what comes before the colon."""
    return account.partition(":")[0]
