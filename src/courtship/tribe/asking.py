"""Whom to ask to look at a new post, and whom not to, each with the reason. Nobody is asked by the product:
it suggests, the owner writes, by hand, through whatever channel the two use.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from courtship.model import DAY, Micros
from courtship.tribe.commitment import Gift

WEEK: Final[Micros] = 7 * DAY


class Asked(NamedTuple):
    """One ask: of whom, for which post, when."""

    person: str
    object: str
    at: Micros


class Member(NamedTuple):
    """What is known of a member when a post is there to be asked for.

    ``gifts`` are what they have promised and may still be asked for this week (a cap that is reached leaves
    none); ``done`` what they did with this post already. ``topics`` are the words of the post that they
    care for. ``reached`` is whether somebody they introduced, or who introduced them, has shared the post,
    so that their circle has seen it. ``owed`` is what the brand owes them: open promises of its own.
    ``away`` says why they are not to be asked at all ("paused", "a block stands").
    """

    person: str
    gifts: tuple[Gift, ...]
    done: tuple[Gift, ...] = ()
    topics: tuple[str, ...] = ()
    reached: bool = False
    owed: int = 0
    away: str = ""


class Suggestion(NamedTuple):
    """Somebody to ask for ``gifts``, and why them, best reason first."""

    person: str
    gifts: tuple[Gift, ...]
    reasons: tuple[str, ...]


class Spared(NamedTuple):
    """Somebody not to ask, and why."""

    person: str
    reason: str


def suggest(
    object: str, members: Iterable[Member], asked: Iterable[Asked], *, limit: int, now: Micros
) -> tuple[list[Suggestion], list[Spared]]:
    """Whom to ask for the post ``object`` at ``now``, best first, and who is spared.

    ``limit`` is the most asks of one person in seven days. Those who care for the topic come first, then
    those whose circle has not seen the post, then who was asked longest ago, then to whom least is owed.
    """
    before: dict[str, list[Asked]] = {}
    for one in asked:
        if one.at <= now:
            before.setdefault(one.person, []).append(one)
    found: list[tuple[tuple[int, int, Micros, int, str], Suggestion]] = []
    spared: list[Spared] = []
    for member in members:
        mine = before.get(member.person, [])
        reason = _spared(object, member, mine, limit, now)
        if reason:
            spared.append(Spared(member.person, reason))
            continue
        last = max((one.at for one in mine), default=0)
        gifts = tuple(gift for gift in member.gifts if gift not in member.done)
        rank = (-len(member.topics), int(member.reached), last, member.owed, member.person)
        found.append((rank, Suggestion(member.person, gifts, _reasons(member, last, now))))
    found.sort(key=lambda pair: pair[0])
    return [suggestion for _, suggestion in found], sorted(spared)


def _spared(object: str, member: Member, mine: list[Asked], limit: int, now: Micros) -> str:
    if member.away:
        return member.away
    if not member.gifts:
        return "nothing promised that is left for this week"
    if set(member.gifts) <= set(member.done):
        return "has done it already"
    if any(one.object == object for one in mine):
        return "was asked for this post already"
    lately = sum(1 for one in mine if one.at > now - WEEK)
    if lately >= limit:
        return f"was asked {'once' if lately == 1 else f'{lately} times'} in the last seven days"
    return ""


def _reasons(member: Member, last: Micros, now: Micros) -> tuple[str, ...]:
    told = []
    if member.topics:
        told.append(f"cares for {', '.join(member.topics)}")
    if not member.reached:
        told.append("their circle has not seen it yet")
    if not last:
        told.append("was never asked")
    elif (days := (now - last) // DAY) >= 7:
        told.append(f"was last asked {days} days ago")
    if member.owed:
        acts = "act" if member.owed == 1 else "acts"
        told.append(f"you owe {member.owed} {acts}: give back first")
    return tuple(told)


def answered(
    ask: Asked, gifts: Iterable[tuple[str, Micros, str]], *, within: Micros = 14 * DAY
) -> str | None:
    """The activity that answers an ask, if any: ``gifts`` are (object, when, activity) of acts of that
    person; the first on that post, after the ask and within a fortnight of it."""
    fits = [
        (at, activity)
        for object, at, activity in gifts
        if object == ask.object and ask.at <= at < ask.at + within
    ]
    return min(fits)[1] if fits else None
