"""How long people waited, week by week: the median as a bar, nine in ten as a tick above it, on a logarithmic
scale of hours; the goal as a line."""

from __future__ import annotations

import math
from collections.abc import Sequence

from django.utils.safestring import SafeString

from courtship.model import Micros
from courtship.plan.answers import Week
from courtship.web import words
from courtship.web.pictures import svg

GRID = ((1, "1 h"), (6, "6 h"), (24, "1 day"), (168, "7 d"))
LEAST, MOST = 0.1, 720.0


def picture(weeks: Sequence[Week], goal_hours: int, finding: str) -> SafeString:
    """Both drawings; the narrow one shows the last twelve weeks."""
    return svg.safe(
        _drawing(weeks, goal_hours, finding, tall=False),
        _drawing(weeks[-12:], goal_hours, finding, tall=True),
    )


def _drawing(weeks: Sequence[Week], goal_hours: int, finding: str, *, tall: bool) -> str:
    width, left, top, bottom = (300, 44.0, 12.0, 170.0) if tall else (860, 52.0, 12.0, 190.0)
    right = width - 4.0
    step = (right - left) / max(1, len(weeks))
    drawn: list[str] = []

    def y(wait: Micros) -> float:
        hours = min(MOST, max(LEAST, wait / words.HOUR))
        share = math.log10(hours / LEAST) / math.log10(MOST / LEAST)
        return bottom - share * (bottom - top)

    for hours, label in GRID:
        at = y(hours * words.HOUR)
        drawn.append(f'<path class="rule faded" d="M{svg.n(left)} {svg.n(at)}H{svg.n(right)}"/>')
        drawn.append(svg.text(left - 6, at + 4, label, "te"))
    if goal_hours:
        at = y(goal_hours * words.HOUR)
        drawn.append(f'<path class="axis" d="M{svg.n(left)} {svg.n(at)}H{svg.n(right)}"/>')
    for index, week in enumerate(weeks):
        x = left + index * step
        one = week.figures
        if not one.timed:
            drawn.append(
                f'<rect x="{svg.n(x + step * 0.15)}" y="{svg.n(bottom - 8)}" width="{svg.n(step * 0.7)}"'
                ' height="8" fill="url(#hatch)"/>'
            )
        elif one.median is not None and one.p90 is not None:
            high = y(one.median)
            said = (
                f"week of {words.short_day(week.start)}: {words.length(one.median)} in the middle, nine in"
                f" ten within {words.length(one.p90)}, {one.answered} of {one.timed} answered"
            )
            drawn.append(svg.rect(x + step * 0.15, high, step * 0.7, max(1.0, bottom - high), "wait", said))
            drawn.append(
                f'<path class="axis" d="M{svg.n(x + step * 0.15)} {svg.n(y(one.p90))}h{svg.n(step * 0.7)}"/>'
            )
        if (len(weeks) - 1 - index) % (4 if tall else 3) == 0:
            local = words.short_day(week.start).rsplit(" ", 1)[0]
            drawn.append(svg.text(x + step / 2, bottom + 18, local, "tm"))
    css, key = ("tall", "avt") if tall else ("long", "avl")
    return svg.image(css, width, bottom + 26, key, finding, drawn)
