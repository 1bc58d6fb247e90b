"""A made-up tribe of thirty over the last quarter: what its members and the bakery did for each other.

Most keep their word most of the time. Some take and hardly give, some give more than was asked, four are too
quick and too alike to look natural, one fades away, and one stops and
leaves. `service.demo_tribe` writes down what they promised.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from courtship.demo import voice
from courtship.demo.acts import COMMENT, PLAIN
from courtship.demo.bakery import BRAND, FACEBOOK, MASTODON, SECOND
from courtship.demo.draw import Draws
from courtship.demo.naming import page
from courtship.demo.telling import BRAND_NAME, Audience
from courtship.demo.traits import BOT, TEAM
from courtship.model import DAY, Activity, Address, Micros, Post, Record

PEOPLE: Final = 30
FROM: Final = 500
"""So many people an audience must have for thirty of them to be a tribe."""
QUARTER: Final[Micros] = 91 * DAY
LEFT_BEFORE: Final[Micros] = 20 * DAY
STOPPED_BEFORE: Final[Micros] = 40 * DAY
MAY_FADE: Final = 17
"""From this turn on a member may be the one who fades."""
FADES: Final = 28
"""The turn of the one who fades where such a member has to be looked for."""
_MINUTE: Final[Micros] = 60_000_000

EVEN, FREE_RIDER, OVER_GIVER, POD = "even", "free-rider", "over-giver", "pod"
DROP_OUT, FADING = "drop-out", "fading"
_GIVES: Final = {EVEN: 0.27, FREE_RIDER: 0.03, OVER_GIVER: 0.8, POD: 0.97, DROP_OUT: 0.4, FADING: 0.4}
_GETS: Final = {EVEN: 0.85, FREE_RIDER: 0.85, OVER_GIVER: 0.15, POD: 0.6, DROP_OUT: 0.6, FADING: 0.8}
_ON: Final = {"mastodon": MASTODON, "facebook": FACEBOOK}
"""Where members are: on these platforms all that both sides do is seen, so that give and take can be told."""
_ALIKE: Final = "So lovely, this looks wonderful"


class Member(NamedTuple):
    """One member: an account of theirs, how they behave, and when they joined. ``turn`` counts them."""

    turn: int
    person: int
    account: Address
    platform: int
    role: str
    joined: Micros


def members(audience: Audience) -> list[Member]:
    """The thirty: of those still heard, but not the most talkative; fewer in a small audience."""
    found: list[Member] = []
    pods, faded = 0, False
    theirs = ~audience.acts.outbound
    last = np.zeros(len(audience.faces), np.int64)
    np.maximum.at(last, audience.acts.person[theirs], audience.acts.at[theirs])
    could = _near(audience)
    near, later = could[:PEOPLE], could[PEOPLE:]
    stopped = set(np.flatnonzero(last < (audience.until - STOPPED_BEFORE) // SECOND).tolist())
    if len(near) == PEOPLE and not any(person in stopped for person, _, _ in near[MAY_FADE:]):
        near[FADES:FADES] = [one for one in later if one[0] in stopped][:1]
        near = near[:PEOPLE]
    # a pod needs enough people where it is
    pod_on = max(_ON.values(), key=[platform for _, _, platform in near].count)
    for person, account, platform in near:
        turn = len(found)
        role = EVEN
        if turn in (3, 11, 19, 27):
            role = FREE_RIDER
        elif turn in (5, 14, 22):
            role = OVER_GIVER
        elif turn == 8:
            role = DROP_OUT
        elif platform == pod_on and pods < 4:
            role, pods = POD, pods + 1
        if turn >= MAY_FADE and person in stopped and not faded:
            role, faded = FADING, True
        joined = audience.until - QUARTER + turn % 9 * DAY
        found.append(Member(turn, person, account, platform, role, joined))
    return found


def _near(audience: Audience) -> list[tuple[int, Address, int]]:
    """Whoever could be a member, the best first: people who talk, but not the tenth who do so most; then
    these, from the least on; then those who only like and share."""
    some = len(audience.faces)
    talk = audience.most_talkative(some)
    theirs = audience.acts.person[~audience.acts.outbound]
    busiest = np.argsort(-np.bincount(theirs, minlength=some), kind="stable").tolist()
    left_out = {*audience.of_temperament(TEAM), *audience.of_temperament(BOT)}
    found = []
    for person in dict.fromkeys([*talk[some // 10 :], *talk[: some // 10][::-1], *busiest]):
        account = audience.accounts(person)[0]
        platform = _ON.get(account.partition(":")[0])
        if platform is not None and person not in left_out:
            found.append((person, account, platform))
    return found


def records(audience: Audience) -> Iterator[Record]:
    """The members' own posts, and what both sides did, in the order of the members."""
    table = audience.published
    ours: dict[int, list[tuple[Post, int]]] = {platform: [] for platform in _ON.values()}
    told = zip(table.platform.tolist(), table.topic.tolist(), audience.posts(), strict=False)
    for platform, topic, post in told:
        if platform in ours and post.at >= audience.until - QUARTER:
            ours[platform].append((post, topic))
    for member in members(audience):
        draws = Draws(audience.seed, "tribe", str(member.turn))
        yield from _given(audience, member, ours[member.platform], draws)
        yield from _got(audience, member, draws)


def _until(audience: Audience, member: Member) -> Micros:
    return audience.until - (STOPPED_BEFORE if member.role in (DROP_OUT, FADING) else 0)


def _given(
    audience: Audience, member: Member, posts: list[tuple[Post, int]], draws: Draws
) -> Iterator[Activity]:
    """What a member does with the bakery's posts."""
    n = len(posts)
    does, kinds = draws.chance(_GIVES[member.role], n).tolist(), draws.below(10, n).tolist()
    waits, dice = draws.exponential(0.9, n).tolist(), draws.below(1 << 30, 2 * n).tolist()
    face = audience.faces[member.person]
    for number, (post, topic) in enumerate(posts):
        wait = _MINUTE * (2 + dice[number] % 6) if member.role == POD else int((waits[number] + 0.03) * DAY)
        at = (post.at + wait) // SECOND * SECOND
        if not does[number] or at >= _until(audience, member) or post.at < member.joined:
            continue
        kind = "comment" if kinds[number] < 4 else "share" if kinds[number] < 6 else "like"
        if member.role == POD:
            kind = "comment" if member.turn % 2 else kind
        text = voice.inbound(COMMENT, PLAIN, topic, "", dice[number], dice[n + number], returns=False)
        if member.role == POD and kinds[number] < 5:
            text = _ALIKE
        id = f"t{member.turn:02d}g{number:03d}"
        yield Activity(
            id=id,
            kind=kind,
            actor=member.account,
            target=BRAND[member.platform],
            at=at,
            object=post.object,
            in_reply_to=post.object if kind == "comment" else None,
            text=text if kind == "comment" else None,
            url=f"{post.object}#{id}" if kind == "comment" else None,
            public=True,
            actor_name=face.name or face.handle,
            target_name=BRAND_NAME,
        )


def _got(audience: Audience, member: Member, draws: Draws) -> Iterator[Record]:
    """A member's own posts, one in six days or so, and what the bakery does with them."""
    face = audience.faces[member.person]
    n = 15
    does, kinds = draws.chance(_GETS[member.role], n).tolist(), draws.below(10, n).tolist()
    waits, dice = draws.exponential(1.2, n).tolist(), draws.below(1 << 30, n).tolist()
    for number in range(n):
        at = member.joined + (number * 6 * DAY + dice[number] % (2 * DAY)) // SECOND * SECOND + DAY
        if at >= _until(audience, member):
            return
        thing = f"{page(face, member.platform)}/t{number}"
        yield Post(thing, member.account, at, voice.own_post(dice[number]), "image", url=thing, public=True)
        when = (at + int((waits[number] + 0.05) * DAY)) // SECOND * SECOND
        if not does[number] or when >= audience.until:
            continue
        kind = "comment" if kinds[number] < 4 else "share" if kinds[number] < 5 else "like"
        yield Activity(
            id=f"t{member.turn:02d}b{number:03d}",
            kind=kind,
            actor=BRAND[member.platform],
            target=member.account,
            at=when,
            object=thing,
            in_reply_to=thing if kind == "comment" else None,
            text="What a picture. Save us a slice." if kind == "comment" else None,
            public=True,
            actor_name=BRAND_NAME,
            target_name=face.name or face.handle,
        )
