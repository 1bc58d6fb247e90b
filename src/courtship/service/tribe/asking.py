"""Whom to ask for a post and whom to spare, with the reasons and a draft to send by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from courtship.model import Micros, Post
from courtship.service.people import interests
from courtship.service.tribe import decided as tribe
from courtship.service.tribe.books import topics_of
from courtship.service.tribe.page import Answer, Member, State, answers
from courtship.store.derived import cues as table
from courtship.store.derived import people_query, tables
from courtship.store.remembering import remembered
from courtship.strategy.terms import terms
from courtship.tribe import asking
from courtship.tribe.asking import Spared, Suggestion
from courtship.tribe.commitment import FULFILS, GIFTS, Commitment, Gift
from courtship.vocabulary import KIND_CODE, KINDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from courtship.service.tribe.books import Books
    from courtship.store.workspace import Workspace

    Ints = NDArray[np.int64]

LOOKED_INTO = 200
"""For so many members what they care for is read from their words; for the others from what they promised."""

VERBS: dict[Gift, str] = {
    "like": "like it",
    "comment": "say a word under it",
    "share": "share it",
    "reply": "reply to somebody under it",
    "live": "come to it",
}


@dataclass(frozen=True, slots=True)
class Asking:
    """A post to ask for. ``known`` is false where the log has no such post (yet). ``asked`` are those who
    were, and what came of it."""

    post: Post
    known: bool
    suggestions: tuple[Suggestion, ...]
    spared: tuple[Spared, ...]
    asked: tuple[Answer, ...]


def ask_for(workspace: Workspace, held: State, post: Post, *, now: Micros, known: bool = True) -> Asking:
    """Whom to ask for a post, best first. ``post`` may be one that is not in the log. Kept while the state
    is."""
    what = f"tribe asking {post.object} {known} {post.text[:2000]}"
    # others' shares of the post count, too
    stamp = f"{tribe.stamp_of_all(workspace)}:{held.at}"
    return remembered(workspace.alias, what, stamp, lambda: _ask_for(workspace, held, post, now, known))


def _ask_for(workspace: Workspace, held: State, post: Post, now: Micros, known: bool) -> Asking:
    week = _this_week(held.books)
    about = {topics: bool(topics_of([post], set(topics))[0]) for topics in _wanted(held)}
    topics = _topics(workspace, held, post)
    reached = _reached(workspace, held, post.object)
    done = _done(held.books, post.object)
    made = [
        asking.Member(
            person=member.person,
            gifts=_room(held.books, member, post, about, week[held.books.told.number[member.person]]),
            done=done.get(member.person, ()),
            topics=topics.get(member.person, ()),
            reached=member.person in reached,
            owed=len(member.yours),
            away=member.away,
        )
        for member in held.members
    ]
    asked = [one.asked for one in held.said.asks]
    limit = held.rules.asks_a_week
    suggestions, spared = asking.suggest(post.object, made, asked, limit=limit, now=now)
    told = [one for one in answers(workspace, held) if one.object == post.object]
    return Asking(post, known, tuple(suggestions), tuple(spared), tuple(told))


def find_post(workspace: Workspace, name: str) -> Post | None:
    """The brand's post with this object or address; the newest where several have it."""
    return posts_by_name(workspace).get(name.strip())


def posts_by_name(workspace: Workspace) -> dict[str, Post]:
    """The brand's posts by object and by address; kept while they stay."""
    brand = workspace.brand()

    def read() -> dict[str, Post]:
        posts = workspace.posts(brand)
        named = {post.url: post for post in posts if post.url}
        return named | {post.object: post for post in posts if post.object}

    stamp = f"{workspace.facts_stamp()} {sorted(brand)}"
    return remembered(workspace.alias, "tribe posts by name", stamp, read)


def draft(name: str, post: Post, gifts: Sequence[Gift], brand: str) -> str:
    """A few words to send by hand, for the owner to make their own."""
    first = name.split()[0] if name.split() else name
    title = " ".join(post.text.split())
    title = title if len(title) <= 80 else title[:79].rsplit(" ", 1)[0] + "…"
    about = f" “{title}”" if title else ""
    could = " or ".join(VERBS[gift] for gift in gifts) or "look at it"
    link = post.url or (post.object if post.object.startswith(("https://", "http://")) else "")
    return (
        f"Hello {first}, I have posted something{about}{': ' + link if link else ''}\n"
        f"If you like it, could you {could}? Only if it suits you.\n{brand}".rstrip()
    )


# ---------------------------------------------------------------- what is known of each


def _wanted(held: State) -> set[tuple[str, ...]]:
    """Every choice of topics that some promise makes."""
    return {each.terms.topics for member in held.members for each in member.in_force if each.terms.topics}


def _room(
    held: Books, member: Member, post: Post, about: Mapping[tuple[str, ...], bool], week: Ints
) -> tuple[Gift, ...]:
    """What a member promised that may still be asked for this week, for this post."""
    found: dict[Gift, None] = {}
    for each in member.in_force:
        promise = each.terms
        if promise.giver != "member" or not promise.start <= held.ledger.at < promise.end:
            continue
        if about.get(promise.topics, True):
            for gift in promise.gifts:
                if _left(member, each, gift, post, week):
                    found[gift] = None
    return tuple(gift for gift in GIFTS if gift in found)


def _left(member: Member, each: Commitment, gift: Gift, post: Post, week: Ints) -> bool:
    """Whether there is room: this very post is due, or the cap of this week is not reached."""
    due = [one for one in member.theirs if one.commitment == each.id and one.gift == gift]
    if any(one.post is None or one.post.object == post.object for one in due):
        return True
    most = each.terms.times if each.terms.pace == "per_week" else each.terms.cap
    return not most or sum(int(week[KIND_CODE[kind]]) for kind in FULFILS[gift]) < most


def _this_week(held: Books) -> Ints:
    """Members x kinds: how much each gave since the owner's week began."""
    import numpy as np

    acts, at = held.ledger.acts, held.ledger.at
    start = held.weeks[-2] if len(held.weeks) > 1 else 0
    lately = (acts.at >= start) & (acts.at <= at) & (acts.ended > at) & (acts.outbound == 0)
    place = acts.member[lately] * len(KINDS) + acts.kind[lately]
    size = held.ledger.members * len(KINDS)
    return np.bincount(place, minlength=size).astype(np.int64).reshape(-1, len(KINDS))


def _done(held: Books, object: str) -> dict[str, tuple[Gift, ...]]:
    """What each member did with a post already."""
    import numpy as np

    told, acts = held.told, held.ledger.acts
    place = told.place.get(object, -1)
    if place < 0:
        return {}
    at = held.ledger.at
    rows = np.flatnonzero((acts.object == place) & (acts.outbound == 0) & (acts.at <= at) & (acts.ended > at))
    found: dict[str, dict[Gift, None]] = {}
    for row in rows.tolist():
        for gift in GIFTS:
            if int(acts.kind[row]) in {KIND_CODE[kind] for kind in FULFILS[gift]}:
                found.setdefault(told.people[int(acts.member[row])], {})[gift] = None
    return {person: tuple(gifts) for person, gifts in found.items()}


def _topics(workspace: Workspace, held: State, post: Post) -> dict[str, tuple[str, ...]]:
    """The words of the post that each member cares for: by what they promised, and by what they say."""
    said = " ".join((post.text, *post.tags))
    used = {term.key for term in terms(said, ())} | {term.surface for term in terms(said, ())}
    found: dict[str, dict[str, None]] = {}
    wanted = {t for member in held.members for each in member.in_force for t in each.terms.topics}
    (about,) = topics_of([post], wanted)
    for member in held.members:
        for each in member.in_force:
            if each.terms.giver == "member":
                for topic in each.terms.topics:
                    if topic.casefold() in about:
                        found.setdefault(member.person, {})[topic] = None
    some = [member.person for member in held.members][:LOOKED_INTO]
    stamp = f"{table.posts_stamp(workspace)}:{table.people_stamp(workspace)}:{len(some)}"
    shared = remembered(
        workspace.alias, "tribe interests", stamp, lambda: interests.of_people(workspace, some, most=8)
    )
    for person, topics in shared.items():
        for one in topics:
            keys = {one.topic.casefold(), *(word.casefold() for word in one.words)}
            if keys & used and len(found.get(person, {})) < 3:
                found.setdefault(person, {})[one.topic] = None
    return {person: tuple(topics) for person, topics in found.items()}


def _reached(workspace: Workspace, held: State, object: str) -> set[str]:
    """Members of whom somebody whom they brought, or who brought them, has shared the post."""
    members = {member.person for member in held.members}
    shares = tables.passed_on(workspace, [object]).get(object, []) if object else []
    sharers = set(table.persons_of(workspace, {account for _, account in shares}).values())
    if not sharers:
        return set()
    rows = people_query.by_ids(workspace, members | sharers)
    came = {one.introduced_by for one in rows.values() if one.id in sharers and one.introduced_by}
    return {one for one in members if one in came or (one in rows and rows[one].introduced_by in sharers)}
