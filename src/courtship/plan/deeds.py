"""What a goal counts, deed by deed: the figure of a period is the number of its deeds, and each opens.

* **answers**: talk towards the brand (``vocabulary.TALK``), done where the brand answered within the goal's
  hours. The answer is found as in ``lifecycle/responsiveness.py``: the brand's earliest later act that names
  it, else its next act towards that person within thirty days.
* **thanks**: shares and quotes of the brand's posts, done where the brand answered within a week, by the
  same rule.
* **comments**: the brand's comments on what others posted. One that answers words said to the brand, or
  stands under a post of the brand's own, is no such comment.
* **shares**: posts of others that the brand shared or quoted.

An act that no longer stands, or whose date is only an upper bound, counts for nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from courtship.model import DAY, FOREVER, Micros
from courtship.plan.goals import Goal, Measured, Stretch
from courtship.vocabulary import ANSWERS, TALK

ANSWER_DAYS: Final = 30
"""As in ``lifecycle/responsiveness.py``: within how many days the next act counts as the answer."""
THANK_DAYS: Final = 7
HOUR: Final[Micros] = 3_600_000_000
SHARED: Final = frozenset({"share", "quote"})

Came = Literal["done", "not done", "waits", "unknown"]
"""``waits``: may yet be done in time. ``unknown``: whether it was done in time cannot be seen."""

Saw = Callable[[str, Micros, Micros], bool]
"""Whether all that the brand answers on a platform is seen on [from, until)."""


class Act(NamedTuple):
    """An act that stands, between the brand and ``person``. ``record`` is its position in the log, ``names``
    are the ids by which others may answer it, ``about`` those that it answers or is about."""

    person: str
    at: Micros
    kind: str
    outbound: bool
    platform: str
    record: int
    names: tuple[str, ...] = ()
    about: tuple[str, ...] = ()


class Deed(NamedTuple):
    """One thing that a goal counts, or would have. ``wait`` is how long the answer took. ``record`` is a
    position of the log; where there is none, ``object`` names a post, and ``person`` who moved."""

    at: Micros
    came: Came
    person: str = ""
    platform: str = ""
    kind: str = ""
    record: int = 0
    object: str = ""
    wait: Micros | None = None


def answered(
    acts: Sequence[Act], kinds: Collection[str], within: Micros, now: Micros, saw: Saw
) -> list[Deed]:
    """A deed for each inbound act of ``kinds``: was it answered ``within`` so long? ``acts`` are all of the
    people's, grouped by person and in order of time."""
    found: list[Deed] = []
    for theirs in _by_person(acts):
        replies = [act for act in theirs if act.outbound and act.kind in ANSWERS and act.at <= now]
        times = [act.at for act in replies]
        named: dict[str, list[Micros]] = {}
        for act in replies:
            for name in act.about:
                named.setdefault(name, []).append(act.at)
        for act in theirs:
            if act.outbound or act.kind not in kinds or act.at > now:
                continue
            wait = _wait(act, times, named)
            came: Came = "not done"
            if wait is not None and wait <= within:
                came = "done"
            elif act.at + within > now:
                came = "waits"
            elif wait is None and not saw(act.platform, act.at, act.at + within):
                came = "unknown"
            found.append(Deed(act.at, came, act.person, act.platform, act.kind, act.record, "", wait))
    return sorted(found)


def _wait(act: Act, times: Sequence[Micros], named: Mapping[str, Sequence[Micros]]) -> Micros | None:
    direct = FOREVER
    for name in act.names:
        theirs = named.get(name, ())
        place = bisect_right(theirs, act.at)
        if place < len(theirs):
            direct = min(direct, theirs[place])
    if direct != FOREVER:
        return direct - act.at
    place = bisect_right(times, act.at)
    if place < len(times) and times[place] < act.at + ANSWER_DAYS * DAY:
        return times[place] - act.at
    return None


def comments(acts: Sequence[Act], own: Collection[str], now: Micros) -> list[Deed]:
    """The brand's comments on what others posted. ``own`` are the objects of the brand's posts."""
    found = []
    for theirs in _by_person(acts):
        said = {name for act in theirs if not act.outbound for name in (*act.names, *act.about)}
        for act in theirs:
            ours = act.outbound and act.kind == "comment" and act.at <= now
            if ours and not any(name in own or name in said for name in act.about):
                found.append(Deed(act.at, "done", act.person, act.platform, act.kind, act.record))
    return sorted(found)


def shares(acts: Iterable[Act], now: Micros) -> list[Deed]:
    """What others posted and the brand shared, with words of its own or without."""
    return sorted(
        Deed(act.at, "done", act.person, act.platform, act.kind, act.record)
        for act in acts
        if act.outbound and act.kind in SHARED and act.at <= now
    )


def of_goal(goal: Goal, acts: Sequence[Act], own: Collection[str], now: Micros, saw: Saw) -> list[Deed]:
    """The deeds of a goal that is read from acts (``answers``, ``thanks``, ``comments``, ``shares``)."""
    if goal.measure == "answers":
        found = answered(acts, TALK, goal.hours * HOUR, now, saw)
    elif goal.measure == "thanks":
        found = answered(acts, SHARED, THANK_DAYS * DAY, now, saw)
    else:
        found = comments(acts, own, now) if goal.measure == "comments" else shares(acts, now)
    return [deed for deed in found if not goal.on or deed.platform in goal.on]


def within(deeds: Sequence[Deed], stretch: Stretch) -> list[Deed]:
    """The deeds of one period; ``deeds`` are in order of time."""
    first = bisect_right(deeds, stretch.start - 1, key=lambda deed: deed.at)
    last = bisect_right(deeds, stretch.end - 1, key=lambda deed: deed.at)
    return list(deeds[first:last])


def measured(deeds: Iterable[Deed], per_cent: bool, seen: bool) -> Measured:
    """What the deeds of one period come to. Of per cent, what is unknown or still waits is in neither number;
    where all is unknown, nothing was seen."""
    came = [deed.came for deed in deeds]
    done = came.count("done")
    if not per_cent:
        return Measured(done, 0, seen)
    of = done + came.count("not done")
    return Measured(done, of, bool(of) or (seen and "unknown" not in came), came.count("waits"))


def _by_person(acts: Sequence[Act]) -> Iterator[Sequence[Act]]:
    start = 0
    for place in range(1, len(acts) + 1):
        if place == len(acts) or acts[place].person != acts[start].person:
            yield acts[start:place]
            start = place
