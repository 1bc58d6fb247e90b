"""One person's story at any moment, by any ladder: read from the log, not from derived tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from courtship.addresses import platform_of
from courtship.errors import UnknownPerson
from courtship.lifecycle import live
from courtship.lifecycle.breadth import breadth
from courtship.lifecycle.coverage import Coverages
from courtship.lifecycle.momentum import rhythm
from courtship.lifecycle.policy import Policy
from courtship.lifecycle.responsiveness import Answers, responsiveness
from courtship.model import FOREVER, Address, Micros, StoredActivity
from courtship.people.identity import Link, group
from courtship.people.proofs import prove
from courtship.service.people.identity import resolve
from courtship.service.people.story import Act, Answering, Story
from courtship.service.reckoning.standing import standing
from courtship.store.derived import people_query
from courtship.vocabulary import ANSWERS

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

NEVER: tuple[Micros, Micros] = (FOREVER, -FOREVER)
"""The span of what is not seen at all."""


def story(
    workspace: Workspace,
    ref: str,
    *,
    now: Micros,
    at: Micros | None = None,
    policy: Policy | None = None,
) -> Story:
    """The story of the person whom ``ref`` means, as of ``at`` (``now`` where it is left out).

    Raises `UnknownPerson` where nobody is meant, or where the two had not met by then.
    """
    return story_and_acts(workspace, ref, now=now, at=at, policy=policy)[0]


def story_and_acts(
    workspace: Workspace,
    ref: str,
    *,
    now: Micros,
    at: Micros | None = None,
    policy: Policy | None = None,
) -> tuple[Story, list[tuple[StoredActivity, bool]]]:
    """The same with what it was read from, each with whether it is outbound."""
    someone = resolve(workspace, ref)
    moment = now if at is None else at
    ladder = policy or standing(workspace).policy
    brand = workspace.brand()
    told = between(workspace.activities_of(someone.accounts), someone.accounts, brand)
    acts = [_act(one, outbound) for one, outbound in told]
    report = live.reckon_person(acts, ladder, moment)
    if report is None:
        raise UnknownPerson(f"{ref} was not met yet by then; give a later --at")
    covered, platforms = Coverages(workspace.coverage()), {platform_of(one) for one in someone.accounts}
    seen_until = covered.covered_until(platforms, "inbound")
    beat = rhythm(acts, moment, seen_until)
    answers = responsiveness(
        [one for one, _ in told],
        brand,
        moment,
        ours_seen=covered.span(platforms, ANSWERS, "outbound") or NEVER,
        theirs_seen=covered.span(platforms, ANSWERS, "inbound") or NEVER,
    )
    about = {name for one, _ in told for name in (one.object, one.in_reply_to) if name}
    posts = {post.object: post.text for post in workspace.posts(brand, objects=about)}
    name, handle = named(workspace, someone.accounts, told)
    found = Story(
        person=someone.person,
        name=name,
        handle=handle,
        accounts=someone.accounts,
        at=moment,
        ladder=tuple(stage.name for stage in ladder.stages),
        report=covered.said_of(report, platforms, moment),
        acts=tuple(act_of(one, outbound, moment, posts) for one, outbound in told if one.at <= moment),
        momentum=beat.momentum if beat else "",
        seen_until=seen_until,
        theirs=answering(answers.theirs),
        ours=answering(answers.ours),
        theirs_by_platform={name: answering(one) for name, one in answers.theirs_by_platform.items()},
        ours_by_platform={name: answering(one) for name, one in answers.ours_by_platform.items()},
        breadth=breadth([one for one, _ in told], brand, moment, ladder.zone),
        why=why(workspace, someone.accounts),
        set_aside=aside(workspace, someone.person),
    )
    return found, told


def aside(workspace: Workspace, person: str) -> str:
    """What a person was set aside as; ``""`` where they count."""
    found = people_query.by_ids(workspace, [person]).get(person)
    return found.set_aside if found else ""


def answering(found: Answers) -> Answering:
    """As the story tells it."""
    could = found.answered + found.unanswered
    return Answering(found.answered, could, found.median, found.p90, found.waiting, found.unknown)


def between(
    activities: Sequence[StoredActivity], accounts: Sequence[Address], brand: frozenset[Address]
) -> list[tuple[StoredActivity, bool]]:
    """Those between the brand and these accounts, each with whether it is outbound, in order of time."""
    theirs = set(accounts)
    return [
        (one, one.actor in brand)
        for one in activities
        if (one.actor in brand and one.target in theirs) or (one.actor in theirs and one.target in brand)
    ]


def why(workspace: Workspace, accounts: Sequence[Address]) -> tuple[Link, ...]:
    """Why these accounts are one person's: proofs, then decisions; nothing for a single account."""
    if len(accounts) < 2:
        return ()
    proofs = prove(workspace.profiles(accounts), accounts)
    return group(accounts, proofs, workspace.decisions("person.merge", "person.split")).why(accounts[0])


def named(
    workspace: Workspace, accounts: Sequence[Address], told: Sequence[tuple[StoredActivity, bool]]
) -> tuple[str, str]:
    """A person's name and handle: the newest that a profile or an act of theirs shows; ``""`` where none."""
    profiles = workspace.profiles(accounts)
    name = next((one.name for one in reversed(profiles) if one.name), "")
    handle = next((one.handle for one in reversed(profiles) if one.handle), "")
    for one, outbound in reversed(told):
        name = name or (one.target_name if outbound else one.actor_name) or ""
    return name, handle


def _act(one: StoredActivity, outbound: bool) -> live.Act:
    ended = FOREVER if one.ended is None else one.ended
    return live.Act(one.at, ended, one.kind, outbound, one.precise, one.id)


def act_of(one: StoredActivity, outbound: bool, at: Micros, posts: Mapping[str, str]) -> Act:
    """An act in words, as of ``at``; ``posts`` has the words of posts by their object."""
    return Act(
        id=one.id,
        kind=one.kind,
        account=one.target if outbound else one.actor,
        outbound=outbound,
        at=one.at,
        ended=one.ended if one.ended is not None and one.ended <= at else None,
        precise=one.precise,
        public=one.public,
        text=one.text or "",
        subject=posts.get(one.object or "", "") or posts.get(one.in_reply_to or "", ""),
        url=one.url or "",
        followers=None if outbound else one.actor_followers,
    )
