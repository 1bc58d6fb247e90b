"""One person as their page shows them: the story, and what the owner keeps about them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from courtship.errors import UnknownPerson
from courtship.lifecycle.policy import Policy
from courtship.lifecycle.waits import waits
from courtship.model import DAY, FOREVER, Address, Decision, Micros, Missing, Origin, StoredActivity
from courtship.people.identity import Link, person_id
from courtship.service.importing import jobs
from courtship.service.people import deciding, identity, interests, people_list, person, person_told
from courtship.service.people.person_told import Gathered
from courtship.service.people.story import Act, Answering, Drawn, Story
from courtship.service.reckoning import readying
from courtship.service.reckoning.refresh import refresh
from courtship.service.reckoning.standing import standing
from courtship.store.derived import people_query, person_acts, post_acts
from courtship.strategy.topics import Shared
from courtship.vocabulary import TALK

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

FEW = 200
"""Acts up to which they are read one by one."""
MANY = 3_000
"""Acts above which those of whom several records may tell of one act are gathered in the background: five
thousand take about a second."""
HELD = 8
"""So many of them are kept in memory."""
ACTS_A_PAGE = 100
_held: dict[tuple[str, str, str], tuple[str, Policy, Gathered]] = {}
_under_way: set[tuple[str, str, str]] = set()


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a person; ``origin`` says in words where it is known from."""

    address: Address
    platform: str
    handle: str
    url: str
    origin: str


@dataclass(frozen=True, slots=True)
class Page:
    """All that is shown. Waits are in microseconds; ``covered_days`` of ``known_days`` can be seen.

    ``causes`` are the acts that changed the stage, by id. There are ``acts`` acts from ``first`` to ``last``;
    ``story`` has none of them. Of somebody with very many acts gaps, waits and times are as of ``story.at``,
    when they were gathered: earlier on the same day, with no act and no change of stage since.
    """

    story: Story
    acts: int
    first: Micros
    last: Micros
    drawn: Drawn
    name: str
    row: people_query.Person | None
    seen_until: Micros | None
    gaps: tuple[tuple[Micros, Micros], ...]
    missing: tuple[Missing, ...]
    theirs: Answering | None
    ours: Answering | None
    their_waits: tuple[Micros, ...]
    our_waits: tuple[Micros, ...]
    best_time: str
    covered_days: int | None
    known_days: int
    common: tuple[Shared, ...]
    accounts: tuple[Account, ...]
    ideal_days: int | None
    longest_days: int | None
    last_word: Act | None
    last_heard: Micros | None
    causes: Mapping[str, Act]
    introduced_by: people_query.Person | None
    introduced: int
    tags: tuple[str, ...]
    notes: tuple[deciding.Note, ...]


@dataclass(frozen=True, slots=True)
class Acts:
    """Some acts of a person, newest first, each with the file it was heard of from: those of page ``page`` of
    all ``total``."""

    person: str
    name: str
    total: int
    page: int
    acts: tuple[Act, ...]
    origin: dict[str, str]


class NotYet(Exception):
    """The person has very many acts, which are being gathered in the background."""

    def __init__(self, person: str, name: str, acts: int) -> None:
        super().__init__(person)
        self.person, self.name, self.acts = person, name, acts


def _gathered(workspace: Workspace, ref: str, now: Micros) -> Gathered:
    """At once for nearly everybody: from all acts where they are few, from arrays where they are many. NotYet
    while those who have very many are read for the first time, or can be told by the plain rules alone."""
    someone = identity.resolve(workspace, ref)
    row = people_query.by_ids(workspace, [someone.person]).get(someone.person)
    acts = row.inbound_count + row.outbound_count if row else 0
    if acts <= FEW:
        return _plainly(workspace, someone.person, now)
    if acts <= MANY and "courtship.lifecycle.kernel" not in sys.modules:
        # the kernel takes a second to load, which a server does when it starts: nobody waits for it
        policy = standing(workspace).policy
        _later(workspace, "the kernel", lambda: readying.load_kernel(policy))
        return _plainly(workspace, someone.person, now)
    try:
        found = person_acts.read(workspace, someone.accounts, make=False)
    except person_acts.NotKept:
        _later(workspace, someone.person, lambda: person_acts.read(workspace, someone.accounts, make=True))
        raise _not_yet(someone, row, acts) from None
    if found is not None:
        return person_told.gather(workspace, someone, found, now)
    if acts <= MANY:
        return _plainly(workspace, someone.person, now)
    key = (str(workspace.home), workspace.name, someone.person)
    held = _held.get(key)
    if (
        held is not None
        and held[0] == post_acts.stamp(workspace)
        and held[1] == standing(workspace).policy
        and held[2].told.at <= now < min(_until(held[2].told), held[2].told.at + DAY)
    ):
        return held[2]

    def later() -> None:
        stamp, policy = post_acts.stamp(workspace), standing(workspace).policy
        _held[key] = (stamp, policy, _plainly(workspace, someone.person, now))
        while len(_held) > HELD:
            _held.pop(next(iter(_held)))

    _later(workspace, someone.person, later)
    raise _not_yet(someone, row, acts)


def _not_yet(someone: identity.Someone, row: people_query.Person | None, acts: int) -> NotYet:
    return NotYet(someone.person, (row.name or row.handle or row.id) if row else someone.person, acts)


def _until(told: Story) -> Micros:
    return FOREVER if told.report.until is None else told.report.until


def _later(workspace: Workspace, what: str, read: Callable[[], object]) -> None:
    """Reads in the background, once at a time."""
    key = (str(workspace.home), workspace.name, what)
    if key in _under_way:
        return
    _under_way.add(key)

    def task() -> None:
        try:
            read()
        finally:
            _under_way.discard(key)
            workspace.close()

    jobs.in_background(task)


def _plainly(workspace: Workspace, ref: str, now: Micros) -> Gathered:
    """From all acts, one by one."""
    told, read = person.story_and_acts(workspace, ref, now=now)
    their_waits, our_waits = waits([one for one, _ in read], workspace.brand(), now)
    acts = told.acts
    seen_until = person_told.seen_to(told.seen_until, acts[-1].at if acts else 0, now)
    caused = {one.activity for one in told.announced[-person_told.TURNS :]}
    return Gathered(
        told=replace(told, acts=()),
        acts=len(acts),
        first=acts[0].at if acts else told.at,
        last=acts[-1].at if acts else told.at,
        drawn=person_told.drawn(acts),
        their_waits=tuple(their_waits),
        our_waits=tuple(our_waits),
        gaps=person_told.gaps(acts, min(now, seen_until) if seen_until is not None else now),
        best_time=person_told.best_time(*person_told.counted_times(acts, standing(workspace).timezone)),
        last_word=next((act for act in reversed(acts) if act.kind in TALK), None),
        last_heard=next((act.at for act in reversed(acts) if not act.outbound), None),
        causes={act.id: act for act in acts if act.id in caused},
    )


def page(workspace: Workspace, ref: str, *, now: Micros) -> Page:
    """The page of the person whom ``ref`` means. Raises UnknownPerson where nobody is meant, and NotYet
    while the acts of somebody who has very many are gathered."""
    found = _gathered(workspace, ref, now)
    told = found.told
    row = people_query.by_ids(workspace, [told.person]).get(told.person)
    seen_until = person_told.seen_to(told.seen_until, found.last, now)
    rhythms = deciding.rhythms(workspace)
    tags = deciding.tags_of(workspace)
    refs = {told.person, *(person_id(account) for account in told.accounts)}
    mine = tuple(sorted({tag for ref in refs for tag in tags.get(ref, ())}))
    ideal, longest = _rhythm(rhythms, refs, mine)
    introducer = row.introduced_by if row else None
    known = people_query.by_ids(workspace, [introducer]) if introducer else {}
    first = found.first
    return Page(
        story=told,
        acts=found.acts,
        first=first,
        last=found.last,
        drawn=found.drawn,
        name=told.name or told.handle or told.accounts[0].partition(":")[2],
        row=row,
        seen_until=seen_until,
        gaps=found.gaps,
        missing=told.report.missing,
        theirs=told.theirs,
        ours=told.ours,
        their_waits=found.their_waits,
        our_waits=found.our_waits,
        best_time=found.best_time,
        covered_days=(seen_until - first) // DAY if seen_until is not None else None,
        known_days=(now - first) // DAY,
        common=tuple(interests.of_person(workspace, told.person)),
        accounts=tuple(_accounts(workspace, told)),
        ideal_days=ideal,
        longest_days=longest,
        last_word=found.last_word,
        last_heard=found.last_heard,
        causes=found.causes,
        introduced_by=known.get(introducer or ""),
        introduced=people_list.introduced_by(workspace, told.person),
        tags=mine,
        notes=tuple(deciding.notes_of(workspace, refs)),
    )


def _rhythm(
    rhythms: dict[str, tuple[int, int]], refs: set[str], tags: Sequence[str]
) -> tuple[int | None, int | None]:
    """The person's own rhythm, else the tightest of their tags'."""
    own = [rhythms[ref] for ref in sorted(refs) if ref in rhythms]
    by_tag = [rhythms[f"tag:{tag}"] for tag in tags if f"tag:{tag}" in rhythms]
    found = own or sorted(by_tag)
    return found[0] if found else (None, None)


def _accounts(workspace: Workspace, told: Story) -> list[Account]:
    profiles = {profile.account: profile for profile in workspace.profiles(told.accounts)}
    links: dict[Address, Link] = {}
    for why in told.why:
        links[why.a] = links[why.b] = why
    found = []
    for account in told.accounts:
        platform, _, id = account.partition(":")
        profile = profiles.get(account)
        link = links.get(account)
        if link is None:
            origin = "as its platform tells of it"
        elif link.position is not None:
            origin = "joined by you"
        else:
            origin = f"joined by proof: {link.reason}"
        found.append(
            Account(
                account,
                platform,
                (profile.handle if profile else "") or id,
                profile.url if profile else "",
                origin,
            )
        )
    return found


def account_of(accounts: Sequence[Address], ref: str) -> Address:
    """The account that a reference to a person stands for."""
    if ref in accounts:
        return ref
    return next((account for account in accounts if person_id(account) == ref), accounts[0])


def acts(workspace: Workspace, ref: str, *, now: Micros, page: int) -> Acts:
    """A page (from 1) of the acts between the brand and a person, newest first. Raises UnknownPerson, and
    NotYet as ``page`` does."""
    someone = identity.resolve(workspace, ref)
    try:
        found = person_acts.read(workspace, someone.accounts, make=False)
    except person_acts.NotKept:
        row = people_query.by_ids(workspace, [someone.person]).get(someone.person)
        _later(workspace, someone.person, lambda: person_acts.read(workspace, someone.accounts, make=True))
        raise _not_yet(someone, row, row.inbound_count + row.outbound_count if row else 0) from None
    shown: list[tuple[Act, StoredActivity]]
    if found is None:
        # several records may tell of one act: by the plain rules
        told, read = person.story_and_acts(workspace, someone.person, now=now)
        acts = list(zip(told.acts, (one for one, _ in read), strict=False))
        total, name = len(acts), told.name or told.handle
        page = min(page, max(1, -(-total // ACTS_A_PAGE)))
        shown = acts[::-1][(page - 1) * ACTS_A_PAGE : page * ACTS_A_PAGE]
    else:
        total = int((found.at <= now).sum())
        if not total:
            raise UnknownPerson(f"{ref} was not met yet by then")
        page = min(page, max(1, -(-total // ACTS_A_PAGE)))
        rows = range(total - 1 - (page - 1) * ACTS_A_PAGE, max(-1, total - 1 - page * ACTS_A_PAGE), -1)
        by_row = person_told.acts_at(workspace, found, rows, now)
        shown = [by_row[row] for row in rows]
        name, handle = person_told.named(workspace, someone.accounts, found)
        name = name or handle
    return Acts(
        someone.person,
        name or someone.accounts[0].partition(":")[2],
        total,
        page,
        tuple(act for act, _ in shown),
        {act.id: ", ".join(dict.fromkeys(_from(one) for one in told_.origins)) for act, told_ in shown},
    )


def _from(origin: Origin) -> str:
    return "your own hand" if origin.format == "hand" else PurePath(origin.path).name or origin.format


def deny(workspace: Workspace, ref: str, activity: str, *, now: Micros) -> list[Decision]:
    """An act of a person's never was; they are reckoned anew. Raises UnknownPerson."""
    someone = identity.resolve(workspace, ref)
    decided = deciding.deny(workspace, activity, now=now)
    refresh(workspace, now=now, accounts=list(someone.accounts))
    return decided
