"""A tribe of any size in a workspace, for measuring: plain acts, posts of both sides, promises both ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from courtship.model import DAY, Activity, Decision, Micros, Origin, Post, Record
from courtship.service.reckoning.refresh import refresh
from courtship.tribe.commitment import Terms

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

POSTS = 1_000
SIDES = (
    Terms("-", "member", ("comment",), "per_week", times=1),
    Terms("-", "brand", ("like",), "each_post", within_days=7),
)


def fill(workspace: Workspace, members: int, acts: int, now: Micros) -> None:
    """Fills an empty workspace; everything lies in the year before ``now``."""
    if workspace.position():
        return
    workspace.decide(Decision("brand.add", "test:brand", at=now - 365 * DAY))
    workspace.append(_records(members, acts, now), Origin("made up", "activities", "", now))
    refresh(workspace, now=now)
    workspace.decide(*_decisions(members, now))


def _records(members: int, acts: int, now: Micros) -> Iterator[Record]:
    year = 364 * DAY
    for number in range(POSTS):
        yield Post(f"p{number}", "test:brand", now - year + number * year // POSTS, f"Post {number}")
    for member in range(members):
        for number in range(5):
            yield Post(f"m{member}-{number}", f"test:m{member}", now - year + number * year // 5, "Mine")
    each = acts // members
    kinds = ("comment", "like", "like", "share", "comment")
    for member in range(members):
        account = f"test:m{member}"
        for number in range(each):
            at = now - year + (number * 2_654_435_761 + member * 40_503) % year
            ours = number % 3 == 0
            actor, target = ("test:brand", account) if ours else (account, "test:brand")
            about = f"m{member}-{number % 5}" if ours else f"p{(number * 7 + member) % POSTS}"
            kind = "like" if ours else kinds[number % len(kinds)]
            yield Activity(f"a{member}-{number}", kind, actor, target, at, object=about)


def _decisions(members: int, now: Micros) -> Iterator[Decision]:
    at = now - 300 * DAY
    for member in range(members):
        account = f"test:m{member}"
        yield Decision("tribe.join", account, {}, at)
        ids = (f"c{member}-theirs", f"c{member}-yours")
        for id, other, terms in zip(ids, ids[::-1], SIDES, strict=True):
            yield Decision(
                "commitment.draft", id, terms.as_detail() | {"member": account, "in_return": other}, at
            )
            yield Decision("commitment.offer", id, {"by": "brand"}, at)
            yield Decision("commitment.accept", id, {"by": "member"}, at)
