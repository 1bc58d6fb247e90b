"""What the tribe gives to today's queue: what is owed, asks that were answered, who is not heard of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from courtship.model import DAY, Micros
from courtship.plan.inputs import AskAnswered, Drifted, GiveBack
from courtship.service.tribe import decided as tribe
from courtship.service.tribe.page import Member, State, answers, state
from courtship.store.derived import cues as table

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

MOST = 40
"""Of each sort so many are handed to the queue: many more than there are places."""

ANSWERED_DAYS = 366
"""How lately an ask must have been answered: longer than any setting."""

GIFTS = {
    "like": "a like",
    "comment": "a comment",
    "share": "a share",
    "reply": "a reply",
    "live": "coming to a live",
}


class Together(NamedTuple):
    """Inputs of the queue from the tribe; ``people`` are all whom they speak of."""

    give_back: tuple[GiveBack, ...] = ()
    asks_answered: tuple[AskAnswered, ...] = ()
    drifted: tuple[Drifted, ...] = ()

    @property
    def people(self) -> frozenset[str]:
        """Everybody who comes up."""
        return frozenset(
            {one.person for one in self.give_back}
            | {one.person for one in self.asks_answered}
            | {one.person for one in self.drifted}
        )


def read(workspace: Workspace, moment: Micros, *, then: bool = False) -> Together:
    """What the tribe asks for at ``moment``; ``then``: a moment gone by. Nothing where there is no tribe."""
    if not tribe.said(workspace, at=moment if then else None).members:
        return Together()
    held = state(workspace, now=moment, at=moment if then else None)
    wanting = sorted(held.owed, key=lambda one: (-len(one.yours), one.oldest or 0, one.person))
    return Together(
        tuple(_give(one) for one in wanting[:MOST]),
        tuple(_answered(workspace, held)),
        tuple(Drifted(one.person, one.drifted or 0) for one in held.quiet[:MOST]),
    )


def _give(member: Member) -> GiveBack:
    """The newest thing that is open: what was posted weeks ago is less glad of it."""
    due = member.yours[-1]
    post = due.post
    urls = (post.url, post.object) if post else ()
    return GiveBack(
        member.person,
        f"{due.commitment}:{due.gift}:{due.at}",
        due.at,
        len(member.yours),
        GIFTS[due.gift],
        post.text.strip().split("\n", 1)[0] if post else "",
        next((url for url in urls if url.startswith(("https://", "http://"))), ""),
        post.author.partition(":")[0] if post else "",
    )


def _answered(workspace: Workspace, held: State) -> list[AskAnswered]:
    told = held.books.told
    done = [
        one
        for one in answers(workspace, held)
        if one.activity is not None and held.at - (one.when or 0) <= ANSWERED_DAYS * DAY
    ][:MOST]
    records = table.told(workspace, [int(told.record[one.row]) for one in done])
    found = []
    for one in done:
        post = told.posts[told.place[one.object]]
        record = records.get(int(told.record[one.row]))
        found.append(
            AskAnswered(
                one.person,
                one.activity or "",
                one.kind,
                one.when or 0,
                one.at,
                record.text if record else "",
                (record.url if record else "") or post.url,
                post.text.strip().split("\n", 1)[0],
                post.author.partition(":")[0],
            )
        )
    return found
