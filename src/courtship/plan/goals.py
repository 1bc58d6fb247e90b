"""Goals in the product's own measures or by hand, period by period, and the streaks they make.

A goal is reckoned over whole periods (days, weeks or months of the owner's zone). What cannot be seen is not
held against anybody: a period that is not covered is neither kept nor missed. Rest days ask for nothing, and
a little grace keeps a streak alive, said openly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, get_args

from courtship.errors import NotAllowed
from courtship.model import FOREVER, Micros

Measure = Literal["answers", "comments", "posts", "moves", "shares", "thanks", "by_hand"]
"""``answers``: of what waited, per cent answered within ``hours``. ``comments``: the brand's comments on what
others posted. ``posts``: what the brand published. ``moves``: people who rose from ``before`` to ``after``.
``shares``: posts of others that the brand shared. ``thanks``: shares that were answered. ``by_hand``: ticked
off by the owner."""

Period = Literal["day", "week", "month"]
MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)
PERIODS: Final[tuple[Period, ...]] = get_args(Period)
IN_PER_CENT: Final = frozenset({"answers", "thanks"})

Outcome = Literal["kept", "missed", "rest", "not seen", "running"]


@dataclass(frozen=True, slots=True)
class Goal:
    """What is meant to happen in each period. ``target`` is a whole number: per cent for ``answers`` and
    ``thanks``, else how many. ``rest`` are weekdays without a goal (0 is Monday), for goals by the day.
    ``grace`` is how many periods in ten may be missed without the streak ending. ``start`` and ``end`` bound
    it (UTC microseconds). ``on`` are the platforms that it is about (empty: all of the brand's). ``referee``
    is the partner who says whether a goal by hand was kept (empty: the owner ticks it off)."""

    id: str
    measure: Measure
    period: Period
    target: int
    words: str = ""
    hours: int = 4
    before: str = ""
    after: str = ""
    rest: tuple[int, ...] = ()
    grace: int = 1
    start: Micros = 0
    end: Micros = FOREVER
    on: tuple[str, ...] = ()
    referee: str = ""

    def __post_init__(self) -> None:
        if self.measure not in MEASURES or self.period not in PERIODS:
            raise NotAllowed("A goal names what is counted and how often; choose one of each.")
        if self.measure in IN_PER_CENT and not 1 <= self.target <= 100:
            raise NotAllowed("A share of what waited is from 1 to 100 per cent.")
        if not 1 <= self.target <= 100_000 or not 1 <= self.hours <= 24 * 30:
            raise NotAllowed("A goal's number is a whole one from 1, and the hours are from 1 to 720.")
        if self.measure == "moves" and not (self.before and self.after):
            raise NotAllowed("Say from which stage to which people are to move.")
        if self.measure == "by_hand" and not self.words.strip():
            raise NotAllowed("A goal that is ticked off by hand needs words that say what it is.")
        if self.referee and self.measure != "by_hand":
            raise NotAllowed(
                "A referee judges a goal that is ticked off by hand; the log tells of the others."
            )
        if not 0 <= self.grace <= 5 or not set(self.rest) < set(range(7)) or self.end <= self.start:
            raise NotAllowed("Grace is 0 to 5 in ten, one day of the week at least is no day of rest.")

    def as_detail(self) -> dict[str, Any]:
        """As JSON values, for the decision ``goal.set``."""
        return {
            "measure": self.measure,
            "period": self.period,
            "target": self.target,
            "words": self.words,
            "hours": self.hours,
            "before": self.before,
            "after": self.after,
            "rest": list(self.rest),
            "grace": self.grace,
            "start": self.start,
            "end": None if self.end == FOREVER else self.end,
            "on": list(self.on),
            "referee": self.referee,
        }

    @classmethod
    def from_detail(cls, id: str, detail: Mapping[str, Any]) -> Goal:
        """The reverse of `as_detail`. Raises NotAllowed where it is no goal."""
        try:
            end = detail.get("end")
            return cls(
                id=id,
                measure=detail["measure"],
                period=detail["period"],
                target=int(detail["target"]),
                words=str(detail.get("words", "")),
                hours=int(detail.get("hours", 4)),
                before=str(detail.get("before", "")),
                after=str(detail.get("after", "")),
                rest=tuple(sorted({int(day) for day in detail.get("rest", ())})),
                grace=int(detail.get("grace", 1)),
                start=int(detail.get("start", 0)),
                end=FOREVER if end is None else int(end),
                on=tuple(sorted({str(platform) for platform in detail.get("on", ())})),
                referee=str(detail.get("referee", "")),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise NotAllowed(f"This is no goal ({error}); set it again.") from error


class Stretch(NamedTuple):
    """One period on [``start``, ``end``); ``weekday`` is that of its first day in the owner's zone (0 is
    Monday)."""

    start: Micros
    end: Micros
    weekday: int


class Measured(NamedTuple):
    """What was counted in one period: ``done`` of ``of`` for per cent, ``done`` alone otherwise (``of`` 0).
    ``seen`` is false where the brand's own acts could not be seen all through the period. ``waiting`` may
    still be answered in time, and is in neither number. ``verdict`` is what the referee said."""

    done: int
    of: int = 0
    seen: bool = True
    waiting: int = 0
    verdict: Literal["", "kept", "missed"] = ""


class Kept(NamedTuple):
    """A period and what came of it; ``value`` in the goal's own unit (per cent rounded down, or how many)."""

    stretch: Stretch
    outcome: Outcome
    value: int
    measured: Measured


class Streak(NamedTuple):
    """``length`` periods kept in a row up to now, ``longest`` ever; ``graced`` of the present ones were
    missed and forgiven."""

    length: int
    longest: int
    graced: int


def outcomes(goal: Goal, periods: Sequence[Stretch], measured: Sequence[Measured], now: Micros) -> list[Kept]:
    """What came of each period, oldest first. A period that has not ended is ``kept`` as soon as a count is
    reached, and otherwise still ``running``, as is one in which something may yet be answered in time; one in
    which nothing waited asks for nothing. What a referee has not judged is ``not seen``."""
    return [
        Kept(stretch, _outcome(goal, stretch, found, now), value(goal, found), found)
        for stretch, found in zip(periods, measured, strict=True)
        if goal.start < stretch.end and stretch.start < min(goal.end, now + 1)
    ]


def value(goal: Goal, found: Measured) -> int:
    """Per cent, down, or how many. Nothing that waited is all answered."""
    if goal.measure in IN_PER_CENT:
        return 100 * found.done // found.of if found.of else 100
    return found.done


def _outcome(goal: Goal, stretch: Stretch, found: Measured, now: Micros) -> Outcome:
    if goal.period == "day" and stretch.weekday in goal.rest:
        return "rest"
    if goal.referee:
        return found.verdict or ("running" if stretch.end > now else "not seen")
    per_cent = goal.measure in IN_PER_CENT
    reached = value(goal, found) >= goal.target
    if stretch.end > now or found.waiting:
        return "kept" if reached and not per_cent else "running"
    if per_cent and not found.of:
        return "rest" if found.seen else "not seen"
    if reached:
        return "kept"
    return "missed" if found.seen else "not seen"


def streak(goal: Goal, told: Iterable[Kept]) -> Streak:
    """Periods kept in a row. Rest, what is not seen and what still runs neither lengthen nor end it. A miss
    is forgiven while there are no more than ``goal.grace`` misses among the last ten periods that asked for
    something; it does not lengthen the streak."""
    length = longest = graced = 0
    last: list[Outcome] = []
    for one in told:
        if one.outcome not in ("kept", "missed"):
            continue
        last = [*last[-9:], one.outcome]
        if one.outcome == "kept":
            length += 1
        elif length and last.count("missed") <= goal.grace:
            graced += 1
        else:
            length = graced = 0
        longest = max(longest, length)
    return Streak(length, longest, graced)


def describe(goal: Goal) -> str:
    """In plain words.

    >>> describe(Goal("g", "answers", "week", 90))
    'answer 90% within 4 hours, each week'
    """
    each = f"each {goal.period}"
    number = goal.target
    if goal.measure == "answers":
        hours = "1 hour" if goal.hours == 1 else f"{goal.hours} hours"
        return f"answer {number}% within {hours}, {each}"
    if goal.measure == "thanks":
        return f"thank for {number}% of shares, {each}"
    if goal.measure == "moves":
        people = "1 person" if number == 1 else f"{number} people"
        return f"move {people} from {goal.before} to {goal.after}, {each}"
    if goal.measure == "by_hand":
        return f"{goal.words}, {'once' if number == 1 else f'{number} times'} {each}"
    singular = {"comments": ("comment", " on others' posts"), "shares": ("share", " of others' posts")}
    one, of = singular.get(goal.measure, ("post", ""))
    return f"{number} {one}{'' if number == 1 else 's'}{of}, {each}"


def figure(goal: Goal, kept: Kept) -> str:
    """What was counted: ``87% (13 of 15)``, ``4 of 5``, ``9 (goal: 5)``; ``""`` where nothing was asked."""
    found = kept.measured
    if goal.measure in IN_PER_CENT:
        return f"{kept.value}% ({found.done} of {found.of})" if found.of else ""
    if kept.outcome == "rest" and not found.done:
        return ""
    if found.done > goal.target:
        return f"{found.done} (goal: {goal.target})"
    return f"{found.done} of {goal.target}"


def summary(goal: Goal, told: Sequence[Kept]) -> str:
    """Several periods in one line: ``kept 4 of 6 days, 1 not seen``; ``""`` where there is none."""
    asked = [one.outcome for one in told if one.outcome in ("kept", "missed")]
    said = []
    if asked:
        said.append(f"kept {asked.count('kept')} of {len(asked)} {goal.period}{'s' * (len(asked) != 1)}")
    for outcome, words in (("rest", "at rest"), ("not seen", "not seen"), ("running", "not over yet")):
        count = sum(one.outcome == outcome for one in told)
        if count:
            said.append(f"{count} {words}")
    return ", ".join(said)
