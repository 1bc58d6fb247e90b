"""Goals, check-ins and partners in plain words, for pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from courtship.plan.checkins import CheckIn
from courtship.plan.goals import Goal, Kept, describe, figure, summary
from courtship.service.accountability.coaching import last_asked, trend
from courtship.service.accountability.goals import Standing
from courtship.service.accountability.weekly import parts
from courtship.web import words
from courtship.web.frame import FRAME
from courtship.web.pictures import strip

OUTCOME = {
    "kept": "kept",
    "missed": "missed",
    "rest": "nothing asked",
    "not seen": "not seen",
    "running": "not over yet",
}


def title(goal: Goal) -> str:
    """The goal as a heading: "Answer 90% within 4 hours, each week"."""
    said = describe(goal)
    return said[:1].upper() + said[1:]


def when(goal: Goal, kept: Kept) -> str:
    """Which period: "17 November", "week of 16 November", "November 2026"."""
    start = kept.stretch.start
    if goal.period == "month":
        local = FRAME.get().local(start)
        return f"{words.MONTHS[local.month - 1]} {local.year}"
    return f"{'week of ' if goal.period == 'week' else ''}{words.day(start)}"


def outcome(goal: Goal, kept: Kept, *, figures: bool = True) -> str:
    """What came of it, with its figure unless that is not to be shown."""
    said = OUTCOME[kept.outcome]
    if kept.outcome == "not seen" and goal.referee:
        said = "not said yet"
    number = figure(goal, kept) if figures else ""
    return f"{said}, {number}" if number and kept.outcome != "rest" else said


def several(goal: Goal, told: Sequence[Kept], *, figures: bool = True) -> str:
    """What came of a goal in a longer period: of one period its outcome, of several how many were kept."""
    if len(told) > 1:
        return summary(goal, told)
    return "".join(outcome(goal, kept, figures=figures) for kept in told)


def streak(one: Standing) -> str:
    """ "6 weeks in a row, one miss forgiven; the longest was 9"."""
    found = one.streak
    if not found.longest:
        return "No streak yet."
    if not found.length:
        return f"No streak now; the longest was {words.plural(found.longest, one.goal.period)}."
    said = f"{words.plural(found.length, one.goal.period)} kept in a row"
    if found.graced:
        said += f", {words.plural(found.graced, 'miss', 'misses')} forgiven"
    return f"{said}." if found.length == found.longest else f"{said}; the longest was {found.longest}."


def card(one: Standing, *, figures: bool = True) -> dict[str, Any]:
    """A goal in a list."""
    goal, running, last = one.goal, one.running, last_asked(one)
    said = [f"{when(goal, kept)}: {outcome(goal, kept, figures=figures)}" for kept in one.kept]
    unseen = words.listed([words.platform_title(platform) for platform in one.unseen])
    return {
        "id": goal.id,
        "title": title(goal),
        "strip": strip.picture(one.kept, said),
        "streak": streak(one),
        "now": outcome(goal, running, figures=figures) if running else "",
        "last": f"{when(goal, last)}: {outcome(goal, last, figures=figures)}" if last else "",
        "trend": trend(one),
        "unseen": unseen,
        "by_hand": goal.measure == "by_hand",
        "referee": goal.referee,
        "ended": one.ended,
    }


def written(one: CheckIn, names: dict[str, str]) -> dict[str, Any]:
    """A check-in, with who wrote it."""
    return {
        "who": names.get(one.writer, "A former partner") if one.writer else "You",
        "at": one.at,
        "parts": [{"asked": asked[:1].upper() + asked[1:], "words": said} for asked, said in parts(one)],
        "position": one.position,
    }


SAID = {"nudge": "gave a nudge", "comment": "wrote", "acknowledge": "has seen it"}
