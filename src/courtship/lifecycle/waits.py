"""How long each answer took: the dots behind the medians of ``responsiveness.py``, by the same rule."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence

from courtship.lifecycle.responsiveness import ANSWER_DAYS, Told
from courtship.model import DAY, Address, Micros
from courtship.vocabulary import ANSWERS, TALK


def waits(
    activities: Iterable[Told], brand: Collection[Address], at: Micros
) -> tuple[list[Micros], list[Micros]]:
    """The waits of one relationship as of ``at``, ascending, in microseconds: (for the person's answers to
    the brand, for the brand's answers to the person). What has no answer is in neither."""
    standing = [
        act
        for act in sorted(activities, key=lambda act: act.at)
        if act.at <= at and act.precise and (act.ended is None or max(act.ended, act.at) > at)
    ]
    inbound = [act for act in standing if act.target in brand and act.actor not in brand]
    outbound = [act for act in standing if act.actor in brand and act.target not in brand]
    return _waits(outbound, inbound), _waits(inbound, outbound)


def _waits(said: Sequence[Told], replies: Sequence[Told]) -> list[Micros]:
    replies = [act for act in replies if act.kind in ANSWERS]
    times = [act.at for act in replies]
    named: dict[str, list[Micros]] = {}
    for act in replies:
        for name in {act.in_reply_to, act.object} - {None, ""}:
            assert name is not None
            named.setdefault(name, []).append(act.at)
    found = []
    for act in said:
        if act.kind not in TALK:
            continue
        direct = named.get(act.object or "", [])
        place = bisect_right(direct, act.at)
        if place < len(direct):
            found.append(direct[place] - act.at)
            continue
        place = bisect_right(times, act.at)
        if place < len(times) and times[place] < act.at + ANSWER_DAYS * DAY:
            found.append(times[place] - act.at)
    return sorted(found)
