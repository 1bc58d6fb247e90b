"""What looks like an engagement pod to a platform, and is demoted: said to the owner, with why.

The same people within minutes on every post, and the same words again and again, are how pods give themselves
away (on pods: Weerasinghe et al. 2020, "The Pod People: Understanding Manipulation of Social Media Popularity
via Reciprocity Abuse", WWW '20). A tribe that does so of its own accord harms itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

from courtship.model import Micros

MINUTE: Final[Micros] = 60_000_000
AT_ONCE: Final[Micros] = 10 * MINUTE
"""An act so soon after the post is at once."""

POSTS: Final = 5
"""Fewer posts make no pattern."""

SHARE: Final = (4, 5)
"""On at least so many of the posts (four of five)."""

TOGETHER: Final = 3
"""So many people make a pattern; fewer are friends with a notification."""

ALIKE: Final = 3
"""The same words so many times."""

SHORT: Final = 12
"""Fewer letters are said by everybody: "lovely", "thank you"."""


class Act(NamedTuple):
    """One act on one of the brand's posts, by a member. ``text`` is what was said, if anything."""

    person: str
    object: str
    at: Micros
    text: str
    activity: str


class Pattern(NamedTuple):
    """Something that looks like a pod: ``people`` who make it, ``posts`` of ``of`` on which, and the acts."""

    sort: Literal["at once", "alike"]
    people: tuple[str, ...]
    posts: int
    of: int
    words: str
    activities: tuple[str, ...]


def patterns(posts: Mapping[str, Micros], acts: Iterable[Act]) -> list[Pattern]:
    """The patterns among acts on these posts (object -> when it was posted), the newest posts alone as the
    caller chooses. A function of the set of acts."""
    mine = sorted(act for act in acts if act.object in posts and act.at >= posts[act.object])
    return [*_at_once(posts, mine), *_alike(mine, len(posts))]


def _at_once(posts: Mapping[str, Micros], acts: list[Act]) -> list[Pattern]:
    if len(posts) < POSTS:
        return []
    fast: dict[str, dict[str, str]] = defaultdict(dict)
    for act in acts:
        if act.at < posts[act.object] + AT_ONCE:
            fast[act.person].setdefault(act.object, act.activity)
    often = {person: on for person, on in fast.items() if len(on) * SHARE[1] >= len(posts) * SHARE[0]}
    if len(often) < TOGETHER:
        return []
    together = Counter(object for on in often.values() for object in on)
    shared = [object for object, number in together.items() if number >= TOGETHER]
    if len(shared) * SHARE[1] < len(posts) * SHARE[0]:
        return []
    receipts = sorted(activity for on in often.values() for activity in on.values())
    return [Pattern("at once", tuple(sorted(often)), len(shared), len(posts), "", tuple(receipts))]


def _alike(acts: list[Act], of: int) -> list[Pattern]:
    said: dict[str, list[Act]] = defaultdict(list)
    for act in acts:
        words = _plain(act.text)
        if len(words) >= SHORT:
            said[words].append(act)
    return [
        Pattern(
            "alike",
            tuple(sorted({act.person for act in same})),
            len({act.object for act in same}),
            of,
            min(act.text for act in same),
            tuple(sorted(act.activity for act in same)),
        )
        for _, same in sorted(said.items())
        if len({(act.person, act.object) for act in same}) >= ALIKE
    ]


def _plain(text: str) -> str:
    """Words without case, marks and spaces, so that a heart more or less makes no difference."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())
