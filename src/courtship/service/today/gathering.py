"""The inputs of today's queue, gathered from wherever cues and people are to be had."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from courtship.lifecycle.policy import Policy
from courtship.model import DAY, Coverage, Micros, Post
from courtship.plan.inputs import (
    Ending,
    Inputs,
    Newcomer,
    PersonRow,
    Rhythm,
    Settings,
    Share,
    Step,
    Talk,
    TaskDecision,
)
from courtship.plan.seen import BY_HAND, Sight
from courtship.plan.settling import Settled, settle
from courtship.service.reckoning.cueing import condition_of
from courtship.store.derived.cues import Cue, Standing, Told

PLACES = 12
"""Candidates of each sort and stage beyond those decided on lately: twice as many as are shown, and more."""
OF_EACH = 5
"""Acts that the cues keep of one person."""


class Source(Protocol):
    """Where cues and people are read: the store's tables (``store/derived/cues.py``), or a moment
    reckoned anew."""

    def find(
        self,
        sort: str,
        *,
        stages: Sequence[str],
        since: Micros,
        limit: int,
        newest: bool = False,
        platforms: Collection[str] | None = None,
    ) -> list[Cue]: ...
    def overdue(
        self,
        *,
        stages: Sequence[str],
        platforms: Collection[str],
        now: Micros,
        least: Micros,
        ceiling: Micros,
        limit: int,
    ) -> list[Cue]: ...
    def lapsing(
        self, *, stages: Sequence[str], after: Micros, before: Micros, limit: int
    ) -> list[Standing]: ...
    def of_people(self, sort: str, people: Collection[str]) -> list[Cue]: ...
    def standings(self, people: Collection[str]) -> dict[str, Standing]: ...
    def told(self, positions: Collection[int]) -> dict[int, Told]: ...
    def posts_named(self, objects: Collection[str]) -> dict[str, Post]: ...
    def people_by_platform(self) -> dict[str, int]: ...
    def introduced(self, people: Collection[str]) -> list[tuple[str, Micros]]: ...


@dataclass(frozen=True, slots=True)
class Declared:
    """What the owner has declared, as the queue needs it. Persons are as of now. ``tagged``: person -> tags,
    of those who carry a tag that has a rhythm."""

    policy: Policy
    settings: Settings
    decisions: tuple[TaskDecision, ...] = ()
    rhythm_of_person: Mapping[str, Rhythm] | None = None
    rhythm_of_tag: Mapping[str, Rhythm] | None = None
    tagged: Mapping[str, tuple[str, ...]] | None = None


class _Candidates(NamedTuple):
    """Cues of each sort, and whoever is about to lapse."""

    waiting: list[Cue]
    shared: list[Cue]
    new: list[Cue]
    lacking: list[Cue]
    late: list[Cue]
    soon: list[Standing]

    def people(self) -> set[str]:
        """Everybody who has one."""
        cues = (*self.waiting, *self.shared, *self.new, *self.lacking, *self.late)
        return {cue.person for cue in cues} | {one.person for one in self.soon}


def _candidates(
    source: Source, declared: Declared, ladder: Sequence[str], current: Collection[str], now: Micros
) -> _Candidates:
    settings, settled = declared.settings, settle(declared.decisions, now)
    longest, soon = settings.longest_default_days * DAY, now + settings.lapse_days * DAY
    everybody, climbed = ("aware", *ladder), ladder[1:]
    decided = len({one.person for one in declared.decisions})

    def asked(days: int, sort: str, stages: Sequence[str], *, newest: bool = False) -> list[Cue]:
        # Those decided on are read past: rows of the table cost little, what they stand for costs more.
        limit = OF_EACH * (PLACES + decided) if sort == "talk" else PLACES + decided
        found = source.find(sort, stages=stages, since=now - days * DAY, limit=limit, newest=newest)
        places = OF_EACH * PLACES if sort == "talk" else PLACES  # a question may come before older words
        return _first_places((cue for cue in found if _open(cue, settled, settings, now)), places)

    waiting = asked(settings.answer_within_days, "talk", everybody)
    lacking = asked(settings.step_within_days, "lack", ladder, newest=True)
    # Whoever waits may also have one step to go, which then says more than the wait.
    lacking += source.of_people("lack", {cue.person for cue in waiting} - {cue.person for cue in lacking})
    at_most = PLACES + decided
    late = source.overdue(
        stages=climbed, platforms=current, now=now, least=14 * DAY, ceiling=longest, limit=at_most
    )
    lapsing = source.lapsing(stages=climbed, after=now, before=soon, limit=at_most)
    resting = {one.person for one in declared.decisions if _rests(one.person, settled, settings, now)}
    return _Candidates(
        waiting,
        asked(settings.thank_within_days, "share", everybody),
        asked(settings.welcome_within_days, "first", ladder, newest=True),
        lacking,
        [cue for cue in late if cue.person not in resting][: 2 * PLACES],
        [one for one in lapsing if one.person not in resting][: 2 * PLACES],
    )


_ACTION = {"talk": "answer", "share": "thank"}


def _open(cue: Cue, settled: Settled, settings: Settings, now: Micros) -> bool:
    """Whether a cue may still make a task, as far as decisions alone tell. The rules look once more."""
    if settled.over(_ACTION.get(cue.sort, ""), cue.person, cue.at):
        return False
    if cue.sort == "first" and ("welcome", cue.person) in settled.covered:
        return False
    fresh = cue.sort == "talk" and cue.at > settled.acted.get(cue.person, cue.at)
    return fresh or not _rests(cue.person, settled, settings, now)


def _rests(person: str, settled: Settled, settings: Settings, now: Micros) -> bool:
    """Whether the cool-down leaves the person in peace."""
    last = settled.acted.get(person)
    return last is not None and now < last + settings.cool_down_days * DAY


def _first_places(cues: Iterable[Cue], places: int) -> list[Cue]:
    """The cues of the first so many people of each stage."""
    people: dict[str, set[str]] = {}
    kept = []
    for cue in cues:
        held = people.setdefault(cue.stage, set())
        if cue.person in held or len(held) < places:
            held.add(cue.person)
            kept.append(cue)
    return kept


@dataclass(frozen=True, slots=True)
class _Acts:
    """What the cues stand for, in words."""

    told: Mapping[int, Told]
    posts: Mapping[str, Post]
    sight: Sight
    came: Sequence[tuple[str, Micros]]

    def talk(self, cue: Cue) -> Talk:
        one = self.told[cue.record]
        return Talk(
            one.activity,
            cue.person,
            one.kind,
            one.at,
            one.text,
            _link(one, self.posts),
            cue.platform,
            _title(self.posts.get(one.object)),
            self.sight.answers_until(cue.platform, one.at),
        )

    def share(self, cue: Cue) -> Share:
        one = self.told[cue.record]
        return Share(
            one.activity,
            cue.person,
            one.kind,
            one.at,
            one.text,
            _link(one, self.posts),
            cue.platform,
            _title(self.posts.get(one.object)),
            one.followers,
            sum(who == cue.person and at >= one.at for who, at in self.came),
        )

    def newcomer(self, cue: Cue) -> Newcomer:
        return Newcomer(cue.person, self.told[cue.record].activity, cue.kind, cue.at, "", cue.platform)


def gather(
    source: Source,
    declared: Declared,
    coverage: Sequence[Coverage],
    now: Micros,
    also: Collection[str] = (),
) -> Inputs:
    """Inputs that make the queue that those of everybody would, from few and bounded queries: of each sort
    and stage the first in nearly the queue's own order, many more of them than there are places. ``also`` are
    people of whom rows are wanted, whatever is seen of them."""
    policy = declared.policy
    sight = Sight(coverage, now)
    ladder = tuple(stage.name for stage in policy.stages)
    current = sight.current(now - declared.settings.stale_days * DAY)
    found = _candidates(source, declared, ladder, current, now)
    tagged, rhythms = declared.tagged or {}, declared.rhythm_of_person or {}
    people = source.standings({*found.people(), *rhythms, *tagged, *also})
    # Every word of whoever has a step to take, not only the oldest: it is the evidence.
    more = source.of_people("talk", {cue.person for cue in found.lacking})
    spoken = list({cue.record: cue for cue in (*found.waiting, *more)}.values())
    paces = {cue.person: cue for cue in source.of_people("pace", people)}
    told = source.told({cue.record for cue in (*spoken, *found.shared, *found.new, *found.lacking)})
    acts = _Acts(
        told,
        source.posts_named({one.object for one in told.values()}),
        sight,
        source.introduced({cue.person for cue in found.shared}),
    )

    def known(cues: Iterable[Cue]) -> list[Cue]:
        return [cue for cue in cues if cue.record in told and cue.person in people]

    said: dict[str, list[Talk]] = {}
    for cue in known(spoken):
        said.setdefault(cue.person, []).append(acts.talk(cue))
    old = [one for one, end in sight.ends.items() if now - end >= declared.settings.stale_days * DAY]
    counted = source.people_by_platform() if len(old) > 1 else {}
    return Inputs(
        ladder=ladder,
        people={key: _person(one, paces.get(key), sight, tagged.get(key, ())) for key, one in people.items()},
        talks=tuple(talk for talks in said.values() for talk in talks),
        shares=tuple(acts.share(cue) for cue in known(found.shared)),
        newcomers=tuple(acts.newcomer(cue) for cue in known(found.new)),
        steps=tuple(
            step
            for cue in known(found.lacking)
            for step in _steps(cue, policy, sight, tuple(said.get(cue.person) or [acts.talk(cue)]))
        ),
        endings=tuple(
            Ending(platform, end, counted.get(platform, 0))
            for platform, end in sight.ends.items()
            if platform not in BY_HAND
        ),
        rhythm_of_person=rhythms,
        rhythm_of_tag=declared.rhythm_of_tag or {},
        decisions=declared.decisions,
        timezone=policy.timezone,
    )


def _person(one: Standing, pace: Cue | None, sight: Sight, tags: tuple[str, ...]) -> PersonRow:
    platforms = one.platforms.replace(",", " ").split()
    return PersonRow(
        person=one.person,
        name=one.name or one.handle or "somebody without a name",
        stage=one.stage,
        since=one.since,
        until=one.until,
        first_at=one.first_at,
        momentum=one.momentum,
        certain=one.certain,
        last_contact_at=one.last_contact_at,
        covered_until=sight.heard_until(platforms),
        usual_gap=pace.amount or None if pace is not None else None,
        talked=one.talk_count,
        answered=one.outbound_count,
        tags=tags,
        platform=platforms[0] if platforms else "",
    )


def _steps(cue: Cue, policy: Policy, sight: Sight, said: tuple[Talk, ...]) -> list[Step]:
    """The step that a ``lack`` cue stands for, if the policy still has it."""
    found = condition_of(policy, cue.stage, cue.amount)
    if found is None:
        return []
    stage, condition, have = found
    gauge = condition.gauge
    if gauge.direction == "outbound":
        seen = sight.answers_until(cue.platform, cue.at) is not None
    else:
        seen = sight.heard_until([cue.platform]) is not None
    kinds = tuple(sorted(gauge.of))
    how = "some" if seen else "none"
    return [Step(cue.person, stage, gauge.direction, kinds, have, condition.need, how, said)]


def _title(post: Post | None) -> str:
    return post.text.strip().split("\n", 1)[0] if post is not None else ""


def _link(one: Told, posts: Mapping[str, Post]) -> str:
    """The very place: the act's own address, else that of the post."""
    post = posts.get(one.object)
    for url in (one.url, post.url if post is not None else "", one.object):
        if url.startswith(("https://", "http://")):
            return url
    return ""
