"""One person's lifecycle in plain Python: a reading of ``docs/lifecycle.md`` that is obviously right.

Each activity counts towards a gauge on one interval, half open: from its ``at`` until its window passes
or it is ended. So the gauges change at known instants only, and the ladder is climbed anew at each.
The columnar kernel (``kernel.py``) is proved equal to this by property tests.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from courtship.lifecycle.policy import AWARE, PARTED, Gauge, Policy, Rule
from courtship.model import FOREVER, Micros, Missing, Report, Transition

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Act(NamedTuple):
    """One activity between the brand and one person. ``ended`` is ``FOREVER`` where it has not ended."""

    at: Micros
    ended: Micros
    kind: str
    outbound: bool
    precise: bool
    id: str


def reckon_person(activities: Iterable[Act], policy: Policy, at: Micros) -> Report | None:
    """Where one person stands at ``at`` (UTC microseconds); ``None`` where there is no such person yet.

    ``activities`` are those of all of the person's accounts with all of the brand's, each once, in any
    order. What comes after ``at``, an end too, is not known yet and changes nothing.
    """
    known = [
        act._replace(ended=max(act.ended, act.at) if act.ended <= at else FOREVER)
        for act in activities
        if act.at <= at
    ]
    if not known:
        return None

    ids: defaultdict[Micros, list[str]] = defaultdict(list)
    for act in known:
        ids[act.at].append(act.id)
        if act.ended != FOREVER:
            ids[act.ended].append(act.id)
    have = [0] * len(policy.gauges)
    held = [False] * len(policy.stages)
    stage, since, peak, until = AWARE, min(act.at for act in known), 0, None
    transitions: list[Transition] = []
    at_last = (have, held)
    for instant, have, held, blocked in instants(known, policy):
        now = PARTED if blocked else policy.names[_top(held)]
        if instant > at:
            if now != stage:
                until = instant
                break
            continue
        at_last, peak = (have, held), max(peak, _top(held))
        if now != stage:
            causes = ids.get(instant)
            transitions.append(
                Transition(instant, stage, now, "activity", min(causes))
                if causes
                else Transition(instant, stage, now, "lapse", None)
            )
            stage, since = now, instant
    return Report(
        stage,
        since,
        until,
        policy.names[peak],
        tuple(transitions),
        missing(policy, _top(at_last[1]), at_last[0]),
    )


def instants(known: Sequence[Act], policy: Policy) -> Iterator[tuple[Micros, list[int], list[bool], bool]]:
    """Every instant at which anything changes, in order: what the policy's gauges show, which stages are
    held, whether a block stands."""
    # What begins to count (+1) and ceases to (-1), by instant; a block is gauge number -1.
    changes: defaultdict[Micros, list[tuple[int, Hashable, int]]] = defaultdict(list)
    for number, act in enumerate(known):
        changes[act.at] += ()
        changes[act.ended] += ()
        for place, gauge in enumerate(policy.gauges):
            if _counts(act, gauge):
                end = act.ended if gauge.window == FOREVER else min(act.ended, act.at + gauge.window)
                if act.at < end:
                    key = _key(act, gauge, policy, number)
                    changes[act.at].append((place, key, 1))
                    changes[end].append((place, key, -1))
        if act.kind == "block" and act.at < act.ended:
            changes[act.at].append((-1, number, 1))
            changes[act.ended].append((-1, number, -1))

    active: list[Counter[Hashable]] = [Counter() for _ in (*policy.gauges, "block")]
    held = [False] * len(policy.stages)
    for instant in sorted(changes.keys() - {FOREVER}):
        for place, key, step in changes[instant]:
            active[place][key] += step
            if not active[place][key]:
                del active[place][key]
        have = [len(keys) for keys in active[:-1]]
        held = climb(policy, have, held)
        yield instant, have, held, bool(active[-1])


def climb(policy: Policy, have: Sequence[int], held: Sequence[bool]) -> list[bool]:
    """Which stages are held now, given what the gauges show and which were held up to now."""
    now: list[bool] = []
    below = True
    for stage, before in zip(policy.stages, held, strict=True):
        below = (below and holds(policy, stage.gain, have)) or (before and holds(policy, stage.keep, have))
        now.append(below)
    return now


def holds(policy: Policy, rule: Rule, have: Sequence[int]) -> bool:
    """Whether ``rule`` holds where the policy's gauges show ``have``."""
    met = [have[policy.place[condition.gauge]] >= condition.need for condition in (*rule.all, *rule.any)]
    return all(met[: len(rule.all)]) and (not rule.any or any(met[len(rule.all) :]))


def missing(policy: Policy, top: int, have: Sequence[int]) -> tuple[Missing, ...]:
    """What the stage above the ``top``-th of the ladder (0 is ``aware``) still asks for, in its order.

    ``have`` is what the policy's gauges show. Conditions under ``any`` only where none of them holds.
    """
    if top == len(policy.stages):
        return ()
    above = policy.stages[top]
    found: list[Missing] = []
    rules: tuple[tuple[Literal["all", "any"], bool], ...] = (("all", True), ("any", False))
    for name, each in rules:
        conditions = above.gain.all if each else above.gain.any
        unmet = [
            Missing(above.name, name, condition.said, have[policy.place[condition.gauge]], condition.need)
            for condition in conditions
            if have[policy.place[condition.gauge]] < condition.need
        ]
        if each or len(unmet) == len(conditions):
            found += unmet
    return tuple(found)


def _top(held: Sequence[bool]) -> int:
    """The rank of the highest stage held: 0 is ``aware``."""
    return max((rank for rank, one in enumerate(held, 1) if one), default=0)


def _counts(act: Act, gauge: Gauge) -> bool:
    return (
        act.kind in gauge.of
        and act.outbound == (gauge.direction == "outbound")
        and (act.precise or gauge.measure != "days")
    )


def _key(act: Act, gauge: Gauge, policy: Policy, number: int) -> Hashable:
    """What is counted once: the activity itself, its kind, or its calendar day."""
    if gauge.measure == "kinds":
        return act.kind
    if gauge.measure == "days":
        return (_EPOCH + timedelta(microseconds=act.at)).astimezone(policy.zone).date()
    return number
