"""What the made-up bakery and its tribe have promised each other, and who was asked for what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from courtship.demo import tribe as made_up
from courtship.model import DAY, Decision, Origin
from courtship.tribe.commitment import Terms

if TYPE_CHECKING:
    from courtship.demo.telling import Audience
    from courtship.store.workspace import Workspace

NAME = "The proving room"
LEAST = made_up.FROM
"""People whom an audience must have for a tribe."""

KINDS_OF_PROMISE: tuple[tuple[Terms, Terms], ...] = (
    (
        Terms(
            "-",
            "member",
            ("comment",),
            "per_week",
            times=1,
            words="A word a week, when something strikes you.",
        ),
        Terms("-", "brand", ("like", "comment"), "each_post", within_days=7),
    ),
    (
        Terms("-", "member", ("share",), "per_week", times=1),
        Terms("-", "brand", ("comment",), "per_week", times=1, words="We read all you write."),
    ),
    (
        Terms("-", "member", ("like", "comment"), "best_effort", cap=3),
        Terms("-", "brand", ("like",), "each_post", within_days=5, cap=2),
    ),
    (
        Terms(
            "-", "member", ("like",), "each_post", within_days=4, cap=3, topics=("rye", "sourdough", "class")
        ),
        Terms("-", "brand", ("like", "share"), "best_effort"),
    ),
)


def add(workspace: Workspace, audience: Audience) -> None:
    """Adds the tribe to a made-up workspace of ``LEAST`` people or more: records, then decisions."""
    workspace.append(made_up.records(audience), Origin("made up", "demo", at=audience.until))
    workspace.decide(*_decisions(audience))


def _decisions(audience: Audience) -> Iterator[Decision]:
    thirty = made_up.members(audience)
    yield Decision("tribe.name", "", {"name": NAME}, audience.until - made_up.QUARTER)
    for member in thirty:
        yield from _promises(member, audience.until)
    newest = [post for post in audience.posts() if post.author in audience.brand and post.url]
    for turn, member in enumerate(thirty):
        if turn % 2 == 0 and member.role != made_up.DROP_OUT:
            mine = [
                post for post in newest if post.author.partition(":")[0] == member.account.partition(":")[0]
            ]
            for post in mine[-2 - turn % 3 :: 3][:2]:
                asked = min(post.at + DAY // 8, audience.until - 1)
                yield Decision(
                    "tribe.ask", member.account, {"object": post.object, "gifts": ["comment"]}, asked
                )


def _promises(member: made_up.Member, until: int) -> Iterator[Decision]:
    joined = member.joined
    yield Decision("tribe.join", member.account, {}, joined)
    if member.turn == 29:  # one has not been asked for anything yet
        return
    ids = [f"demo-{member.turn:02d}-{side}" for side in ("theirs", "yours")]
    sides = KINDS_OF_PROMISE[member.turn % 4]
    for id, other, terms in zip(ids, reversed(ids), sides, strict=True):
        detail = terms.as_detail() | {"member": member.account, "in_return": other, "by": "brand"}
        yield Decision("commitment.draft", id, detail, joined)
    for id in ids:
        yield Decision("commitment.offer", id, {"by": "brand"}, joined)
    if member.turn == 26:  # one is thinking about it
        return
    for id in ids:
        yield Decision("commitment.accept", id, {"by": "member"}, joined + DAY)
    if member.turn == 16:  # one rests
        yield Decision("commitment.pause", ids[0], {"by": "member"}, until - 9 * DAY)
    if member.role == made_up.DROP_OUT:
        left = until - made_up.LEFT_BEFORE
        for id in ids:
            yield Decision("commitment.end", id, {"by": "member"}, left)
        yield Decision("tribe.leave", member.account, {"by": "member"}, left)
