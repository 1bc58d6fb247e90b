"""What the page of one person tells of their acts, reckoned from arrays: no object for each act.

As ``person.story`` and the plain readings of ``lifecycle`` say it of the acts one by one, by property test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from courtship.errors import UnknownPerson
from courtship.lifecycle.breadth import Breadth
from courtship.lifecycle.coverage import Coverages
from courtship.lifecycle.policy import Policy
from courtship.lifecycle.responsiveness import Answers, Responsiveness
from courtship.model import DAY, FOREVER, Address, Coverage, Micros, Report, StoredActivity
from courtship.service.coverage import page as coverage_page
from courtship.service.coverage.covering import coverage_of
from courtship.service.people import person
from courtship.service.people.story import Act, Drawn, Story
from courtship.service.reckoning.standing import standing
from courtship.store.derived import person_acts
from courtship.store.derived.person_acts import KEPT
from courtship.vocabulary import ANSWERS, KIND_CODE, KINDS, TALK

if TYPE_CHECKING:
    from courtship.columns import PersonActs
    from courtship.service.people.identity import Someone
    from courtship.store.workspace import Workspace

GAP: Micros = 90 * DAY
TURNS = 40
"""So many changes of stage are told with the act that caused them."""
ENOUGH_ANSWERS = 6
"""Answers from which on it is said when somebody is best found."""
PARTS = ("nights", "mornings", "afternoons", "evenings")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HELD = 8
"""People of whom what was reckoned is kept in memory."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the page tells of all acts. ``acts`` is how many there are up to ``told.at`` (``told`` has none of
    them), from ``first`` to ``last``; ``causes`` has those of the changes of stage that are shown, by id."""

    told: Story
    acts: int
    first: Micros
    last: Micros
    drawn: Drawn
    their_waits: tuple[Micros, ...]
    our_waits: tuple[Micros, ...]
    gaps: tuple[tuple[Micros, Micros], ...]
    best_time: str
    last_word: Act | None
    last_heard: Micros | None
    causes: Mapping[str, Act]


@dataclass(frozen=True, slots=True)
class _Reckoned:
    """What is reckoned from the arrays, and from what. ``rows`` has those of the acts that changed the stage,
    by id; ``known`` is how many acts there were at ``at``."""

    acts: PersonActs
    policy: Policy
    coverage: Sequence[Coverage]
    at: Micros
    report: Report
    rows: Mapping[str, int]
    known: int
    momentum: str
    seen_until: Micros | None
    answers: Responsiveness
    breadth: Breadth | None
    drawn: Drawn
    their_waits: tuple[Micros, ...]
    our_waits: tuple[Micros, ...]
    gaps: tuple[tuple[Micros, Micros], ...]
    best_time: str
    last_word: int | None
    last_heard: int | None


_kept: dict[tuple[str, str], _Reckoned] = {}


def gather(workspace: Workspace, someone: Someone, acts: PersonActs, now: Micros) -> Gathered:
    """What the page of ``someone`` tells of ``acts`` as of ``now``. Of very many it is kept within a day, as
    long as no act comes and no stage lapses. Raises UnknownPerson where the two have not met by then."""
    key = (workspace.alias, someone.person)
    policy, coverage = standing(workspace).policy, coverage_of(workspace)
    held = _kept.get(key)
    if (
        held is None
        or held.acts is not acts
        or held.policy != policy
        or held.coverage != coverage
        or not held.at <= now < _good_until(held)
    ):
        held = _reckon(acts, policy, coverage, now, someone.person)
        if len(acts.at) > KEPT:
            _kept.pop(key, None)
            _kept[key] = held
            while len(_kept) > HELD:
                _kept.pop(next(iter(_kept)))
    return _told(workspace, someone, held)


def _good_until(held: _Reckoned) -> Micros:
    until = held.report.until
    return min(FOREVER if until is None else until, (held.at // DAY + 1) * DAY)


def _reckon(
    acts: PersonActs, policy: Policy, coverage: Sequence[Coverage], now: Micros, who: str
) -> _Reckoned:
    import numpy as np

    from courtship.lifecycle import person_columns

    covered, platforms = Coverages(coverage), {one.partition(":")[0] for one in acts.accounts}
    seen_until = covered.covered_until(platforms, "inbound")
    reported = person_columns.report(acts, policy, now)
    if reported is None:
        raise UnknownPerson(f"{who} was not met yet by then; give a later --at")
    report, rows = reported
    exchange = person_columns.exchange(
        acts,
        now,
        ours_seen=covered.span(platforms, ANSWERS, "outbound") or person.NEVER,
        theirs_seen=covered.span(platforms, ANSWERS, "inbound") or person.NEVER,
    )
    known = int(np.searchsorted(acts.at, now, side="right"))
    at, kind, inbound = acts.at[:known], acts.kind[:known], acts.outbound[:known] == 0
    talk = np.isin(kind, [KIND_CODE[one] for one in TALK])
    last = seen_to(seen_until, int(at[-1]), now)
    until = now if last is None else min(now, last)
    moments = np.append(at[: int(np.searchsorted(at, until, side="right"))], until)
    silent = np.flatnonzero(np.diff(moments) > GAP)
    said = at[inbound & talk & (acts.precise[:known] != 0)]
    local = said + person_columns.offsets_at(policy.timezone, said)
    words, heard = np.flatnonzero(talk), np.flatnonzero(inbound)
    return _Reckoned(
        acts,
        policy,
        coverage,
        now,
        covered.said_of(report, platforms, now),
        rows,
        known,
        person_columns.momentum(acts, now, seen_until),
        seen_until,
        exchange.answers,
        person_columns.breadth(acts, now, policy.timezone),
        Drawn(at, kind, acts.outbound[:known], acts.public[:known]),
        tuple(exchange.their_waits.tolist()),
        tuple(exchange.our_waits.tolist()),
        tuple(zip(moments[silent].tolist(), moments[silent + 1].tolist(), strict=True)),
        # the first of January 1970 was a Thursday
        best_time(_counted((local // DAY + 3) % 7), _counted(local % DAY // (DAY // 4)), len(said)),
        int(words[-1]) if len(words) else None,
        int(at[heard[-1]]) if len(heard) else None,
    )


def _counted(values: Any) -> Counter[int]:
    import numpy as np

    return Counter(dict(zip(*(part.tolist() for part in np.unique(values, return_counts=True)), strict=True)))


def seen_to(seen_until: Micros | None, last: Micros, now: Micros) -> Micros | None:
    """When the data of the person's platforms end; ``None`` while they last, or where no source says."""
    if seen_until is None or seen_until >= now - coverage_page.FRESH:
        return None
    # what was logged by hand since is known all the same
    return max(seen_until, last + 1)


def best_time(days: Counter[int], parts: Counter[int], said: int) -> str:
    """ " Best found on Tuesday evenings.": the weekday and part of the day of most of their talk."""
    if said < ENOUGH_ANSWERS:
        return ""
    day, on_day = min(days.items(), key=lambda item: (-item[1], item[0]))
    part, in_part = min(parts.items(), key=lambda item: (-item[1], PARTS[item[0]]))
    # half again as often as by chance, or nothing is said
    said_day = DAYS[day] if 14 * on_day >= 3 * said else ""
    said_part = PARTS[part] if 8 * in_part >= 3 * said else ""
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


def _told(workspace: Workspace, someone: Someone, held: _Reckoned) -> Gathered:
    acts, at = held.acts, held.at
    told = Story(
        person=someone.person,
        name="",
        handle="",
        accounts=someone.accounts,
        at=at,
        ladder=tuple(stage.name for stage in held.policy.stages),
        report=held.report,
        momentum=held.momentum,
        seen_until=held.seen_until,
        theirs=person.answering(held.answers.theirs),
        ours=person.answering(held.answers.ours),
        theirs_by_platform=_by_platform(held.answers.theirs_by_platform),
        ours_by_platform=_by_platform(held.answers.ours_by_platform),
        breadth=held.breadth,
        why=person.why(workspace, someone.accounts),
        set_aside=person.aside(workspace, someone.person),
    )
    turns = [move.activity for move in told.announced[-TURNS:] if move.activity]
    rows = [held.rows[id] for id in turns]
    shown = acts_at(workspace, acts, [*rows, *([] if held.last_word is None else [held.last_word])], at)
    name, handle = named(workspace, someone.accounts, acts)
    return Gathered(
        told=replace(told, name=name, handle=handle),
        acts=held.known,
        first=int(acts.at[0]),
        last=int(acts.at[held.known - 1]),
        drawn=held.drawn,
        their_waits=held.their_waits,
        our_waits=held.our_waits,
        gaps=held.gaps,
        best_time=held.best_time,
        last_word=None if held.last_word is None else shown[held.last_word][0],
        last_heard=held.last_heard,
        causes={id: shown[row][0] for id, row in zip(turns, rows, strict=True)},
    )


def _by_platform(found: Mapping[str, Answers]) -> dict[str, Any]:
    return {name: person.answering(one) for name, one in found.items()}


def named(workspace: Workspace, accounts: Sequence[Address], acts: PersonActs) -> tuple[str, str]:
    """As ``person.named``."""
    import numpy as np

    name, handle = person.named(workspace, accounts, ())
    rows = np.flatnonzero(acts.named)
    if not name and len(rows):
        row = int(rows[-1])
        [one] = person_acts.told(workspace, {int(acts.record[row]): int(acts.ended[row])}).values()
        name = (one.target_name if acts.outbound[row] else one.actor_name) or ""
    return name, handle


def acts_at(
    workspace: Workspace, acts: PersonActs, rows: Sequence[int], at: Micros
) -> dict[int, tuple[Act, StoredActivity]]:
    """The acts in these rows in words, as of ``at``, and as they are stored."""
    if not rows:
        return {}
    wanted = {int(acts.record[row]): row for row in rows}
    found = person_acts.told(workspace, {record: int(acts.ended[row]) for record, row in wanted.items()})
    about = {name for one in found.values() for name in (one.object, one.in_reply_to) if name}
    posts = {post.object: post.text for post in workspace.posts(workspace.brand(), objects=about)}
    return {
        wanted[record]: (person.act_of(one, bool(acts.outbound[wanted[record]]), at, posts), one)
        for record, one in found.items()
    }


# ---------------------------------------------------------------- the same from acts one by one


def gaps(acts: Sequence[Act], until: Micros) -> tuple[tuple[Micros, Micros], ...]:
    """Silences of over 90 days between acts, and after the last one."""
    moments = [act.at for act in acts if act.at <= until] + [until]
    return tuple((a, b) for a, b in pairwise(moments) if b - a > GAP)


def drawn(acts: Sequence[Act]) -> Drawn:
    """What is drawn of these acts."""
    import numpy as np

    return Drawn(
        np.array([act.at for act in acts], np.int64),
        np.array([KIND_CODE[act.kind] for act in acts], np.uint8),
        np.array([act.outbound for act in acts], np.uint8),
        np.array([-1 if act.public is None else int(act.public) for act in acts], np.int8),
    )


def counted_times(acts: Sequence[Act], zone: str) -> tuple[Counter[int], Counter[int], int]:
    """By weekday and by part of the day how often they used words, and how often at all."""
    import datetime as dt
    from zoneinfo import ZoneInfo

    said = [act for act in acts if not act.outbound and act.precise and act.kind in TALK]
    if len(said) < ENOUGH_ANSWERS:
        return Counter(), Counter(), len(said)
    local = [dt.datetime.fromtimestamp(act.at / 1e6, ZoneInfo(zone)) for act in said]
    days = Counter(moment.weekday() for moment in local)
    return days, Counter(moment.hour // 6 for moment in local), len(said)


assert len(KINDS) < 2**8
