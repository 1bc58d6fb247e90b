"""Goals for every face: set, ended, ticked off, judged; measured from the log, with receipts.

Nothing is kept but the decisions: each figure is reckoned from the log as it is now, so that what arrives
late changes past periods exactly as if it had been there all along.
"""

from __future__ import annotations

import secrets
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from courtship.errors import NotAllowed
from courtship.lifecycle.coverage import Coverages
from courtship.model import DAY, FOREVER, Decision, Micros, Post
from courtship.plan import deeds as pure
from courtship.plan import periods
from courtship.plan.deeds import Act, Deed
from courtship.plan.goals import IN_PER_CENT, Goal, Kept, Measured, Streak, Stretch, outcomes, streak
from courtship.plan.seen import BY_HAND
from courtship.service.reckoning.cueing import people_of, some_of
from courtship.service.reckoning.keeping import taken_on
from courtship.service.reckoning.movement import history
from courtship.service.reckoning.standing import standing
from courtship.store.derived import cues as table
from courtship.store.derived import people_query
from courtship.store.log.threads import threads
from courtship.store.remembering import remembered
from courtship.vocabulary import ANSWERS, KIND_CODE, KINDS, TALK

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from courtship.store.workspace import Workspace

MEMORY: Micros = 600_000_000
"""For so long (ten minutes) an answer holds where neither the log nor people have changed."""
AGO_DAYS = 365
"""How far before a goal's first period words are read, to know what an answer answers."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a goal stands: every period since it began, oldest first, and the streak. ``unseen`` are platforms
    on which the brand's acts of the newest finished period are not seen; ``position`` is that of the decision
    that set it, ``ended`` whether it is over."""

    goal: Goal
    kept: tuple[Kept, ...]
    streak: Streak
    unseen: tuple[str, ...]
    position: int
    ended: bool

    @property
    def running(self) -> Kept | None:
        """The period that has not ended."""
        return self.kept[-1] if self.kept and not self.ended else None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one unit of a figure rests on. ``text`` and ``url`` are as told; ``position`` is a decision's,
    for what was ticked off by hand."""

    deed: Deed
    name: str = ""
    text: str = ""
    url: str = ""
    position: int = 0


# ------------------------------------------------------------------------------------ what is declared


def set_goal(workspace: Workspace, detail: Mapping[str, Any], *, now: Micros, id: str = "") -> list[Decision]:
    """Sets a goal, or with ``id`` changes one. Where ``detail`` names no start it begins with the period that
    ``now`` lies in. Raises NotAllowed where it is no goal, or a stage or referee that is none."""
    held = standing(workspace)
    goals = {goal.id: goal for goal in declared(workspace)}
    if id and id not in goals:
        raise NotAllowed("That goal is not there any more; set it as a new one.")
    made = Goal.from_detail(id or secrets.token_hex(4), detail)
    if made.measure == "moves":
        rungs = ("aware", *held.ladder)
        if made.before not in rungs or made.after not in rungs:
            raise NotAllowed(f"The stages are {', '.join(rungs)}; name two of these.")
        if rungs.index(made.before) >= rungs.index(made.after):
            raise NotAllowed(f"People rise from {made.after} to {made.before}, not the other way round.")
    if made.referee:
        from courtship.service.accountability.partners import partners

        if made.referee not in {one.id for one in partners(workspace) if one.referee}:
            raise NotAllowed("The referee is a partner who was invited as one; invite them first.")
    if not made.start:
        begun = goals[id].start if id else periods.holding(now, made.period, held.timezone).start
        made = replace(made, start=begun)
    return workspace.decide(Decision("goal.set", made.id, made.as_detail(), now))


def end_goal(workspace: Workspace, id: str, *, now: Micros) -> list[Decision]:
    """Ends a goal; its past stays. Raises NotAllowed where no such goal is open."""
    _open(workspace, id)
    return workspace.decide(Decision("goal.end", id, {"end": now}, now))


def tick(
    workspace: Workspace, id: str, *, now: Micros, on: Micros | None = None, times: int = 1
) -> list[Decision]:
    """A goal by hand was done ``times`` times ``on`` a moment. Raises NotAllowed for another sort of goal."""
    goal = _open(workspace, id)
    if goal.measure != "by_hand":
        raise NotAllowed("This goal is read from the log; log what you did by hand, and it counts.")
    moment = now if on is None else on
    if moment > now or not 1 <= times <= 1000:
        raise NotAllowed("Tick off what was done, from once to a thousand times, not what is to come.")
    return workspace.decide(Decision("goal.tick", id, {"on": moment, "times": times}, now))


def judge(
    workspace: Workspace, id: str, start: Micros, kept: bool, *, partner: str, now: Micros
) -> list[Decision]:
    """The referee says whether a goal was kept in the period from ``start``. Raises NotAllowed for anybody
    else, and for a period that is none of the goal's."""
    goal = _open(workspace, id)
    if not partner or goal.referee != partner:
        raise NotAllowed("Only the referee of a goal says whether it was kept.")
    if start not in {one.start for one in periods_of(workspace, goal, now)}:
        raise NotAllowed("That is no period of this goal.")
    detail = {"start": start, "kept": kept}
    return workspace.decide(Decision("goal.judge", id, detail, now, f"partner:{partner}"))


def _open(workspace: Workspace, id: str) -> Goal:
    for goal in declared(workspace):
        if goal.id == id and goal.end == FOREVER:
            return goal
    raise NotAllowed("There is no such goal, or it has ended; courtship goals list shows them.")


def declared(workspace: Workspace) -> list[Goal]:
    """Every goal as it was last set, in the order in which they first were; those that ended bear their end.
    A goal whose referee is no partner any more is the owner's to tick off again."""
    from courtship.service.accountability.partners import partners

    found: dict[str, Goal] = {}
    for one in workspace.decisions("goal.set", "goal.end"):
        if one.verb == "goal.set":
            try:
                found[one.subject] = Goal.from_detail(one.subject, one.detail)
            except NotAllowed:
                continue
        elif one.subject in found:
            goal = found[one.subject]
            found[one.subject] = replace(goal, end=max(goal.start + 1, int(one.detail.get("end", one.at))))
    if any(goal.referee for goal in found.values()):
        there = {one.id for one in partners(workspace) if one.referee}
        return [replace(goal, referee="") if goal.referee not in there else goal for goal in found.values()]
    return list(found.values())


# ------------------------------------------------------------------------------------ what came of it


def stand(workspace: Workspace, *, now: Micros) -> list[Standing]:
    """Every goal as it stands at ``now``, those that ended last."""
    places = {one.subject: one.position for one in workspace.decisions("goal.set")}
    found = []
    for goal in declared(workspace):
        kept, unseen = _kept(workspace, goal, now)
        over = goal.end <= now
        found.append(Standing(goal, kept, streak(goal, kept), unseen, places[goal.id], over))
    return sorted(found, key=lambda one: one.ended)


def one(workspace: Workspace, id: str, *, now: Micros) -> Standing | None:
    """One goal as it stands; ``None`` where there is none."""
    return next((found for found in stand(workspace, now=now) if found.goal.id == id), None)


def periods_of(workspace: Workspace, goal: Goal, now: Micros) -> list[Stretch]:
    """The periods from a goal's start to its end or ``now``, in the policy's zone."""
    last = min(now, goal.end - 1)
    zone = standing(workspace).timezone
    return periods.periods(goal.period, zone, goal.start, last) if last >= goal.start else []


def _kept(workspace: Workspace, goal: Goal, now: Micros) -> tuple[tuple[Kept, ...], tuple[str, ...]]:
    stretches = periods_of(workspace, goal, now)
    sight = _Sight(workspace, goal, now)
    deeds = deeds_of(workspace, goal, now=now)
    said = _judged(workspace, goal.id)
    found = []
    for stretch in stretches:
        seen = goal.measure == "by_hand" or stretch.end > now or not sight.unseen(stretch)
        counted = pure.measured(pure.within(deeds, stretch), goal.measure in IN_PER_CENT, seen)
        found.append(_with_verdict(counted, said.get(stretch.start)))
    over = [one for one in stretches if one.end <= now]
    unseen = sight.unseen(over[-1]) if over and goal.measure != "by_hand" else ()
    return tuple(outcomes(goal, stretches, found, now)), unseen


def _with_verdict(counted: Measured, kept: bool | None) -> Measured:
    return counted if kept is None else counted._replace(verdict="kept" if kept else "missed")


def _judged(workspace: Workspace, id: str) -> dict[Micros, bool]:
    """The newest word of the goal's referee on each period, by its start."""
    referees = {goal.id: goal.referee for goal in declared(workspace)}
    return {
        int(one.detail["start"]): bool(one.detail["kept"])
        for one in workspace.decisions("goal.judge")
        if one.subject == id and one.by == f"partner:{referees.get(id)}"
    }


class _Sight:
    """On which of a goal's platforms the brand cannot be seen all through a period."""

    def __init__(self, workspace: Workspace, goal: Goal, now: Micros) -> None:
        brand = {address.partition(":")[0] for address in standing(workspace).accounts} - BY_HAND
        self.platforms = sorted(brand & set(goal.on) if goal.on else brand)
        self.inbound = goal.measure == "moves"
        self.coverages = coverages(workspace)
        self.kinds = TALK if goal.measure in IN_PER_CENT else KINDS if self.inbound else ANSWERS

    def unseen(self, stretch: Stretch) -> tuple[str, ...]:
        """These platforms, sorted."""
        way = "inbound" if self.inbound or self.kinds is TALK else "outbound"
        found = []
        for platform in self.platforms:
            covered = self.coverages.covered([platform], self.kinds, way, stretch.start, stretch.end)  # type: ignore[arg-type]
            if covered.seen < covered.of:
                found.append(platform)
        if self.kinds is TALK and len(found) < len(self.platforms):
            return ()  # whatever was said where one can see is counted; elsewhere nothing asks for anything
        return tuple(found)


def coverages(workspace: Workspace) -> Coverages:
    """What the sources declare, merged; kept while they declare nothing new."""
    stamp = workspace.facts_stamp()
    return remembered(workspace.alias, "coverages", stamp, lambda: Coverages(workspace.coverage()))


def deeds_of(workspace: Workspace, goal: Goal, *, now: Micros) -> list[Deed]:
    """Everything that the goal counts from its start on, in order of time."""
    if goal.measure == "by_hand":
        return sorted(deed for deed, _ in _ticks(workspace, goal.id))
    what = f"deeds {standing(workspace).timezone} {goal!r}"
    stands = f"{table.posts_stamp(workspace)} {sorted(workspace.brand())} {now // MEMORY}"
    if goal.measure in ("posts", "moves"):
        read = _posts if goal.measure == "posts" else _moves
        stamp = f"{stands} {table.people_clock(workspace)}"
        return remembered(workspace.alias, what, stamp, lambda: read(workspace, goal, now))

    def mend(held: list[Deed], people: Collection[str]) -> list[Deed]:
        others = [deed for deed in held if deed.person not in people]
        return sorted(others + _deeds(workspace, goal, now, people))

    return taken_on(workspace, what, stands, lambda: _deeds(workspace, goal, now), mend)


def _deeds(
    workspace: Workspace, goal: Goal, now: Micros, people: Collection[str] | None = None
) -> list[Deed]:
    """What the goal counts of everybody's acts, or of these people's."""
    stretches = periods_of(workspace, goal, now)
    if not stretches:
        return []
    acts = _acts(workspace, goal.measure, stretches[0].start, now, people)
    if not acts:
        return []
    own = _own_posts(workspace)
    seen = coverages(workspace)

    def saw(platform: str, start: Micros, end: Micros) -> bool:
        covered = seen.covered([platform], ANSWERS, "outbound", start, end)
        return covered.seen == covered.of

    found = pure.of_goal(goal, acts, own, now, saw)
    return [deed for deed in found if deed.at >= stretches[0].start]


def _own_posts(workspace: Workspace) -> frozenset[str]:
    """The objects of the brand's posts."""
    brand = workspace.brand()
    stamp = f"{table.posts_stamp(workspace)} {sorted(brand)}"
    return remembered(
        workspace.alias, "own posts", stamp, lambda: frozenset(post.object for post in workspace.posts(brand))
    )


def _acts(
    workspace: Workspace, measure: str, since: Micros, now: Micros, people: Collection[str] | None
) -> list[Act]:
    """The acts that stand and bear on the measure since ``since``, of everybody who counts or of these
    people, grouped by person and in order of time. Only these are read with what they are about."""
    import numpy as np

    found, persons = people_of(workspace) if people is None else some_of(workspace, people)
    columns = found.columns
    aside = people_query.set_aside(workspace)
    person = np.repeat(np.arange(len(persons)), np.diff(columns.start))
    outbound = columns.outbound != 0
    stands = (columns.precise != 0) & (columns.at <= now) & (columns.ended > now)
    if aside:
        counts = np.array([id not in aside for id in persons], np.bool_)
        stands &= counts[person]

    def of(kinds: frozenset[str]) -> NDArray[np.bool_]:
        return np.isin(columns.kind, [KIND_CODE[kind] for kind in kinds])

    if measure in IN_PER_CENT:
        said = of(TALK if measure == "answers" else pure.SHARED) & ~outbound
        wanted = (columns.at >= since) & (said | (of(ANSWERS) & outbound))
    elif measure == "shares":
        wanted = (columns.at >= since) & of(pure.SHARED) & outbound
    else:
        ours = stands & (columns.at >= since) & of(frozenset({"comment"})) & outbound
        spoken_to = np.zeros(len(persons), np.bool_)
        spoken_to[person[ours]] = True
        wanted = ours | (spoken_to[person] & ~outbound & of(TALK) & (columns.at >= since - AGO_DAYS * DAY))
    rows = np.flatnonzero(stands & wanted)
    record = found.record[rows].tolist()
    about = threads(workspace, record)
    made = []
    for place, who, position in zip(rows.tolist(), person[rows].tolist(), record, strict=True):
        thread, ours_too = about[position], bool(outbound[place])
        answers = tuple(dict.fromkeys(name for name in (thread.in_reply_to, thread.object) if name))
        made.append(
            Act(
                persons[who],
                int(columns.at[place]),
                KINDS[int(columns.kind[place])],
                ours_too,
                columns.platforms[int(columns.platform[place])],
                position,
                (thread.object,) if thread.object and not ours_too else (),
                answers if ours_too else (thread.activity,),
            )
        )
    return made


def _posts(workspace: Workspace, goal: Goal, now: Micros) -> list[Deed]:
    """What the brand published; the same words on several platforms on one day are one post."""
    zone = standing(workspace).timezone
    told: dict[tuple[date, str], Post] = {}
    for post in workspace.posts(workspace.brand()):
        platform = post.author.partition(":")[0]
        if goal.start <= post.at <= now and (not goal.on or platform in goal.on):
            told.setdefault((periods.day_of(post.at, zone), post.text or post.object), post)
    return sorted(
        Deed(post.at, "done", "", post.author.partition(":")[0], "post", 0, post.object)
        for post in told.values()
    )


def _moves(workspace: Workspace, goal: Goal, now: Micros) -> list[Deed]:
    """Who stood at ``before`` when a period began and at ``after`` when it ended, at their last change."""
    told = history(workspace).announced
    people, at = told.moves.people, told.moves.at
    found = []
    for stretch in periods_of(workspace, goal, now):
        end = min(stretch.end - 1, now)
        for id in told.who(stretch.start - 1, end, goal.before, goal.after):
            first, last = told.moves.person.searchsorted([(place := bisect_left(people, id)), place + 1])
            place = int(at[first:last].searchsorted(end, side="right"))
            found.append(Deed(int(at[first + place - 1]), "done", id, "", "move"))
    return sorted(found)


def _ticks(workspace: Workspace, id: str) -> list[tuple[Deed, int]]:
    return [
        (Deed(int(one.detail["on"]), "done", "", "hand", "tick"), one.position)
        for one in workspace.decisions("goal.tick")
        if one.subject == id
        for _ in range(int(one.detail.get("times", 1)))
    ]


def receipts(workspace: Workspace, goal: Goal, stretch: Stretch, *, now: Micros) -> list[Receipt]:
    """What a period's figure rests on, newest first: one for each unit counted, and for what was not done,
    still waits, or cannot be told."""
    if goal.measure == "by_hand":
        ticks = [one for one in _ticks(workspace, goal.id) if stretch.start <= one[0].at < stretch.end]
        return [Receipt(deed, position=position) for deed, position in sorted(ticks, reverse=True)]
    found = pure.within(deeds_of(workspace, goal, now=now), stretch)[::-1]
    return with_words(workspace, found)


def with_words(workspace: Workspace, found: Sequence[Deed]) -> list[Receipt]:
    """Deeds with who and what."""
    people = people_query.by_ids(workspace, {deed.person for deed in found} - {""})
    told = table.told(workspace, {deed.record for deed in found} - {0})
    posts = table.posts_named(workspace, {deed.object for deed in found})
    made = []
    for deed in found:
        person = people.get(deed.person)
        name = (person.name or person.handle or person.id) if person else ""
        record, post = told.get(deed.record), posts.get(deed.object)
        text = record.text if record else post.text if post else ""
        url = record.url if record else post.url if post else ""
        made.append(Receipt(deed, name, text, url))
    return made
