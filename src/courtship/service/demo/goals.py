"""The made-up brand's goals over a quarter: kept, missed, at rest; a partner, and what the two wrote."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from courtship.model import DAY, Decision, Micros
from courtship.plan import periods

WEEKS: Final = 13
PARTNER: Final = "5e1f0a3c"
GOALS: Final = {
    "a11c0001": {"measure": "answers", "period": "week", "target": 60, "hours": 24},
    "a11c0002": {"measure": "posts", "period": "week", "target": 4},
    "a11c0003": {"measure": "moves", "period": "month", "target": 12, "before": "like", "after": "know"},
    "a11c0004": {
        "measure": "by_hand",
        "period": "day",
        "target": 1,
        "words": "one kind word under another baker’s post",
        "rest": [6],
    },
    "a11c0005": {
        "measure": "by_hand",
        "period": "week",
        "target": 1,
        "words": "film something at the oven",
        "referee": PARTNER,
    },
}
DAILY: Final = "a11c0004"
WEEKLY: Final = "a11c0005"
IN_THE_WAY: Final = (
    "The oven was out on Thursday.",
    "",
    "Two of us were ill, so nobody looked at messages in the evening.",
    "The market took all of Saturday.",
    "",
    "Flour came late, and so did everything else.",
)
NEXT: Final = (
    "Answer before opening, not after closing.",
    "A poll about the winter loaf, and thank whoever shares it.",
    "Film the first bake on Wednesday.",
    "Write to the three who asked about the class.",
)
COMMENTS: Final = (
    "That oven film was lovely. More of it.",
    "Answers slipped at the weekend; could somebody else take Sundays?",
    "Good month. Keep the mornings.",
)


def decisions(zone: str, now: Micros) -> Iterator[Decision]:
    """What the owner and the partner declared, in the quarter before ``now``."""
    running = periods.holding(now, "week", zone)
    first = periods.first_day(periods.day_of(running.start, zone) - timedelta(weeks=WEEKS), "week")
    start = periods.begins(first, zone)
    detail = {"name": "Ottoline", "figures": True, "names": False, "referee": True, "mail": ""}
    yield Decision("partner.invite", PARTNER, detail, start)
    for id, goal in GOALS.items():
        yield Decision("goal.set", id, {**goal, "start": start}, start)
    by = f"partner:{PARTNER}"
    for week in range(WEEKS):
        day = first + timedelta(weeks=week)
        stretch = periods.beginning(day, "week", zone)
        for number in range(6):
            if (week * 6 + number) % 11 not in (4, 8):
                on = periods.begins(day + timedelta(days=number), zone) + DAY // 3
                yield Decision("goal.tick", DAILY, {"on": on, "times": 1}, on)
        if week % 5 != 3:
            on = stretch.start + 2 * DAY + DAY // 4
            yield Decision("goal.tick", WEEKLY, {"on": on, "times": 1}, on)
        if week != WEEKS - 1:
            kept = {"start": stretch.start, "kept": week % 5 != 3}
            yield Decision("goal.judge", WEEKLY, kept, stretch.end + DAY // 2, by)
        if week not in (4, WEEKS - 1):
            said = {
                "planned": NEXT[(week - 1) % len(NEXT)]
                if week
                else "Three posts, and every question answered.",
                "stood_in_the_way": IN_THE_WAY[week % len(IN_THE_WAY)],
                "next": NEXT[week % len(NEXT)],
            }
            yield Decision("checkin.write", f"week:{day.isoformat()}", said, stretch.end + DAY // 3)
        if week % 4 == 2:
            note = {"sort": "comment", "text": COMMENTS[week // 4 % len(COMMENTS)], "goal": ""}
            yield Decision("partner.note", PARTNER, note, stretch.end + DAY, by)
            seen = {"planned": "", "stood_in_the_way": "", "next": "Ask about Sundays next time."}
            yield Decision("checkin.write", f"week:{day.isoformat()}", seen, stretch.end + DAY, by)
        if week % 4 == 3:
            note = {"sort": "nudge", "text": "", "goal": WEEKLY}
            yield Decision("partner.note", PARTNER, note, stretch.end - DAY, by)
