"""One person as their page shows them: the story, and what the owner keeps about them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from courtship.lifecycle.policy import Policy
from courtship.lifecycle.waits import waits
from courtship.model import DAY, FOREVER, Address, Decision, Micros, Missing, Origin
from courtship.people.identity import Link, person_id
from courtship.service import coverage_page, deciding, identity, interests, jobs, people_list, person
from courtship.service.refresh import refresh
from courtship.service.standing import standing
from courtship.service.story import Act, Answering, Story
from courtship.store import people_query, post_acts
from courtship.strategy.topics import Shared
from courtship.vocabulary import TALK

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

GAP: Micros = 90 * DAY
MANY = 3_000
"""Acts above which a person is gathered in the background: five thousand take about a second."""
HELD = 8
"""So many of them are kept in memory."""
_held: dict[tuple[str, str, str], Gathered] = {}
_under_way: set[tuple[str, str, str]] = set()
ENOUGH_ANSWERS = 6
"""Answers from which on it is said when somebody is best found."""
PARTS = ("nights", "mornings", "afternoons", "evenings")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


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

    ``causes`` are the acts that changed the stage, by id. Of somebody with very many acts these, gaps,
    waits and times are as of ``story.at``, when they were gathered: at most a day ago, with no act and no
    change of stage since.
    """

    story: Story
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
    """Every act of a person, oldest first, each with the file it was heard of from."""

    person: str
    name: str
    acts: tuple[Act, ...]
    origin: dict[str, str]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What takes long for those with very many acts, and what it was gathered from."""

    stamp: str
    policy: Policy
    until: Micros
    told: Story
    their_waits: tuple[Micros, ...]
    our_waits: tuple[Micros, ...]
    origin: dict[str, str]
    """Where each act was heard of, by its id."""
    gaps: tuple[tuple[Micros, Micros], ...]
    best_time: str
    last_word: Act | None
    last_heard: Micros | None
    causes: Mapping[str, Act]


class NotYet(Exception):
    """The person has very many acts, which are being gathered in the background."""

    def __init__(self, person: str, name: str, acts: int) -> None:
        super().__init__(person)
        self.person, self.name, self.acts = person, name, acts


def _gather(workspace: Workspace, ref: str, now: Micros) -> Gathered:
    stamp = post_acts.stamp(workspace)
    told, read = person.story_and_acts(workspace, ref, now=now)
    their_waits, our_waits = waits([one for one, _ in read], workspace.brand(), now)
    until = FOREVER if told.report.until is None else told.report.until
    policy = standing(workspace).policy
    origin = {one.id: ", ".join(dict.fromkeys(_from(o) for o in one.origins)) for one, _ in read}
    seen_until = _seen_until(told, now)
    caused = {one.activity for one in told.report.transitions}
    return Gathered(
        stamp,
        policy,
        until,
        told,
        tuple(their_waits),
        tuple(our_waits),
        origin,
        gaps=_gaps(told.acts, min(now, seen_until) if seen_until is not None else now),
        best_time=_best_time(told.acts, standing(workspace).timezone),
        last_word=next((act for act in reversed(told.acts) if act.kind in TALK), None),
        last_heard=next((act.at for act in reversed(told.acts) if not act.outbound), None),
        causes={act.id: act for act in told.acts if act.id in caused},
    )


def _gathered(workspace: Workspace, ref: str, now: Micros) -> Gathered:
    """At once for most; for those with very many acts from memory, or else NotYet."""
    someone = identity.resolve(workspace, ref)
    row = people_query.by_ids(workspace, [someone.person]).get(someone.person)
    acts = row.inbound_count + row.outbound_count if row else 0
    if row is None or acts <= MANY:
        return _gather(workspace, ref, now)
    key = (str(workspace.home), workspace.name, someone.person)
    held = _held.get(key)
    if (
        held is not None
        and held.stamp == post_acts.stamp(workspace)
        and held.policy == standing(workspace).policy
        and held.told.at <= now < min(held.until, held.told.at + DAY)
    ):
        return held
    if key not in _under_way:
        _under_way.add(key)

        def later() -> None:
            try:
                _held[key] = _gather(workspace, someone.person, now)
                while len(_held) > HELD:
                    _held.pop(next(iter(_held)))
            finally:
                _under_way.discard(key)
                workspace.close()

        jobs.in_background(later)
    raise NotYet(someone.person, row.name or row.handle or row.id, acts)


def page(workspace: Workspace, ref: str, *, now: Micros) -> Page:
    """The page of the person whom ``ref`` means. Raises UnknownPerson where nobody is meant, and NotYet
    while the acts of somebody who has very many are gathered."""
    found = _gathered(workspace, ref, now)
    told = found.told
    row = people_query.by_ids(workspace, [told.person]).get(told.person)
    seen_until = _seen_until(told, now)
    rhythms = deciding.rhythms(workspace)
    tags = deciding.tags_of(workspace)
    refs = {told.person, *(person_id(account) for account in told.accounts)}
    mine = tuple(sorted({tag for ref in refs for tag in tags.get(ref, ())}))
    ideal, longest = _rhythm(rhythms, refs, mine)
    introducer = row.introduced_by if row else None
    known = people_query.by_ids(workspace, [introducer]) if introducer else {}
    first = told.acts[0].at if told.acts else told.at
    return Page(
        story=told,
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


def _seen_until(told: Story, now: Micros) -> Micros | None:
    """When the data of the person's platforms end; ``None`` while they last, or where no source says."""
    if told.seen_until is None or told.seen_until >= now - coverage_page.FRESH:
        return None
    last = told.acts[-1].at if told.acts else 0
    # what was logged by hand since is known all the same
    return max(told.seen_until, last + 1)


def _gaps(acts: Sequence[Act], until: Micros) -> tuple[tuple[Micros, Micros], ...]:
    """Silences of over 90 days between acts, and after the last one."""
    moments = [act.at for act in acts if act.at <= until] + [until]
    return tuple((a, b) for a, b in pairwise(moments) if b - a > GAP)


def _rhythm(
    rhythms: dict[str, tuple[int, int]], refs: set[str], tags: Sequence[str]
) -> tuple[int | None, int | None]:
    """The person's own rhythm, else the tightest of their tags'."""
    own = [rhythms[ref] for ref in sorted(refs) if ref in rhythms]
    by_tag = [rhythms[f"tag:{tag}"] for tag in tags if f"tag:{tag}" in rhythms]
    found = own or sorted(by_tag)
    return found[0] if found else (None, None)


def _best_time(acts: Sequence[Act], zone: str) -> str:
    """ " Best found on Tuesday evenings.": the weekday and part of the day of most of their talk."""
    said = [act for act in acts if not act.outbound and act.precise and act.kind in TALK]
    if len(said) < ENOUGH_ANSWERS:
        return ""
    local = [dt.datetime.fromtimestamp(act.at / 1e6, ZoneInfo(zone)) for act in said]
    days = Counter(moment.weekday() for moment in local)
    parts = Counter(PARTS[moment.hour // 6] for moment in local)
    day, on_day = min(days.items(), key=lambda item: (-item[1], item[0]))
    part, in_part = min(parts.items(), key=lambda item: (-item[1], item[0]))
    # half again as often as by chance, or nothing is said
    said_day = DAYS[day] if 14 * on_day >= 3 * len(said) else ""
    said_part = part if 8 * in_part >= 3 * len(said) else ""
    if not said_day and not said_part:
        return ""
    if not said_part:
        return f" Mostly heard from on {said_day}s."
    return (
        f" Mostly heard from on {said_day} {said_part}.".replace("on  ", "on ")
        .replace("on night", "at night")
        .replace(" on mornings", " in the mornings")
        .replace(" on afternoons", " in the afternoons")
        .replace(" on evenings", " in the evenings")
    )


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


def acts(workspace: Workspace, ref: str, *, now: Micros) -> Acts:
    """Every act between the brand and a person. Raises UnknownPerson, and NotYet as ``page`` does."""
    found = _gathered(workspace, ref, now)
    told, origin = found.told, found.origin
    name = told.name or told.handle or told.accounts[0].partition(":")[2]
    return Acts(told.person, name, told.acts, origin)


def _from(origin: Origin) -> str:
    return "your own hand" if origin.format == "hand" else PurePath(origin.path).name or origin.format


def deny(workspace: Workspace, ref: str, activity: str, *, now: Micros) -> list[Decision]:
    """An act of a person's never was; they are reckoned anew. Raises UnknownPerson."""
    someone = identity.resolve(workspace, ref)
    decided = deciding.deny(workspace, activity, now=now)
    refresh(workspace, now=now, accounts=list(someone.accounts))
    return decided
