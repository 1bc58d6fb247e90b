"""What sources can show, kept together: a connector that says every minute that it has seen one minute more
makes one span, not half a million.

And whether what was declared lately changes anything that the tables of people say: they tell what is seen by
the day, so one minute more of the same day mostly does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from courtship.lifecycle.coverage import Coverages, Span, merged
from courtship.model import DAY, FOREVER, Address, Coverage, Micros, Missing
from courtship.store.derived import tables

if TYPE_CHECKING:
    from courtship.lifecycle.policy import Policy
    from courtship.store.workspace import Workspace

_Key = tuple[str, str, str, str]


class _Held(NamedTuple):
    seen: int
    tombstones: int
    spans: dict[_Key, list[Span]]


_kept: dict[str, _Held] = {}


def coverage_of(workspace: Workspace, until: int | None = None) -> list[Coverage]:
    """What sources declared (up to the position ``until``), with spans that touch joined; reads only what is
    new since it was last asked for in this process."""
    if until is not None:
        return _joined(_take_in({}, tables.coverage_between(workspace, 0, until)))
    last, tombstones = tables.facts_seen(workspace)
    held = _kept.get(workspace.alias)
    if held is None or held.tombstones != tombstones or held.seen > last:
        held = _Held(0, tombstones, {})
    if held.seen < last:
        spans = _take_in(dict(held.spans), tables.coverage_between(workspace, held.seen, last))
        held = _kept[workspace.alias] = _Held(last, tombstones, spans)
    return _joined(held.spans)


def forget_coverage(workspace: Workspace) -> None:
    """Forgets what this process has read."""
    _kept.pop(workspace.alias, None)
    _asked.pop(workspace.alias, None)


def touched_by_coverage(workspace: Workspace, seen: int, now: Micros, policy: Policy) -> set[Address] | None:
    """Accounts whose persons' rows may change by what was declared after the position ``seen``, as of
    ``now``; ``None`` where that may be anybody."""
    told = tables.coverage_between(workspace, seen, FOREVER)
    if not told:
        return set()
    after = _take_in({}, coverage_of(workspace))
    before = _before(workspace, seen, after, told)
    today = now - now % DAY
    old, new = Coverages(_joined(before)), Coverages(_joined(after))
    platforms = sorted({one.account.partition(":")[0] for one in told})
    if _certain_by(before, today) != _certain_by(after, today) and any(
        _fully_seen(old, policy, platform, now) != _fully_seen(new, policy, platform, now)
        for platform in platforms
    ):
        return None
    touched: set[Address] = set()
    for platform in platforms:
        was, is_now = old.covered_until([platform]), new.covered_until([platform])
        if was is None and is_now is None:
            continue
        if was is None or is_now is None:
            # told by their other platforms till now, which may end elsewhere
            some = tables.on_several_platforms(workspace, platform, 1_000)
            if some is None:
                return None
            touched |= some
        # of whom no source says anything, only the owner's own log tells, and that lasts till now
        was, is_now = (now if end is None else min(end, now) for end in (was, is_now))
        if was == is_now:
            continue
        if was // DAY != is_now // DAY:
            return None
        # whoever has acted between the two ends has an active day more
        some = tables.heard_after(workspace, min(was, is_now), most=1_000)
        if some is None:
            return None
        touched |= some
    return touched


def _fully_seen(coverages: Coverages, policy: Policy, platform: str, now: Micros) -> list[bool]:
    """Of each condition of the ladder whether what may be missing could have been seen on a platform: no row
    tells more of it than that."""
    return [
        coverages.of_missing(Missing(stage.name, "all", each.said, 0, each.need), (platform,), now) == "full"
        for stage in policy.stages
        for each in (*stage.gain.all, *stage.gain.any)
    ]


def _before(
    workspace: Workspace, seen: int, after: dict[_Key, list[Span]], told: Iterable[Coverage]
) -> dict[_Key, list[Span]]:
    """What was declared up to ``seen``: mostly ``after`` without an end that was pushed on."""
    held = _asked.get(workspace.alias)
    if held is not None and held[0] <= seen:
        spans = held[1]
        if held[0] < seen:
            spans = _take_in(dict(spans), tables.coverage_between(workspace, held[0], seen))
    else:
        spans = _take_in({}, tables.coverage_between(workspace, 0, seen))
    _asked[workspace.alias] = (seen, spans)
    return spans


_asked: dict[str, tuple[int, dict[_Key, list[Span]]]] = {}


def _certain_by(spans: dict[_Key, list[Span]], today: Micros) -> dict[_Key, list[Span]]:
    """What of it lies before the day that has begun: certainty is told up to there."""
    cut = {
        key: [(start, min(end, today)) for start, end in some if start < min(end, today)]
        for key, some in spans.items()
    }
    return {key: some for key, some in cut.items() if some}


def _take_in(spans: dict[_Key, list[Span]], told: Iterable[Coverage]) -> dict[_Key, list[Span]]:
    more: dict[_Key, list[Span]] = {}
    for one in told:
        if one.seen != "none":
            start = -FOREVER if one.start is None else one.start
            more.setdefault((one.account, one.kind, one.direction, one.seen), []).append((start, one.end))
    for key, some in more.items():
        spans[key] = merged([*spans.get(key, ()), *some])
    return spans


def _joined(spans: dict[_Key, list[Span]]) -> list[Coverage]:
    return [
        Coverage(account, kind, direction, seen, None if start == -FOREVER else start, end)  # type: ignore[arg-type]
        for (account, kind, direction, seen), some in sorted(spans.items())
        for start, end in some
    ]
