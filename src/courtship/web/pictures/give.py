"""Give and take by week: what they gave above the line, what you gave below it. Balance, not a score."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.safestring import SafeString

from courtship.service.tribe.member import Week
from courtship.web import words
from courtship.web.pictures import svg


def picture(weeks: Sequence[Week], name: str, href: Callable[[Week, str], str]) -> SafeString:
    """Both drawings. ``href(week, side)`` leads to the acts behind a bar."""
    if not any(week.theirs or week.yours for week in weeks):
        return SafeString("")
    return svg.safe(_drawing(weeks, name, href, False), _drawing(weeks, name, href, True))


def _drawing(weeks: Sequence[Week], name: str, href: Callable[[Week, str], str], tall: bool) -> str:
    width, left, top, bottom = (300, 4.0, 22.0, 150.0) if tall else (860, 4.0, 22.0, 170.0)
    step = (width - 2 * left) / max(1, len(weeks))
    most = max(max(week.theirs, week.yours, 1) for week in weeks)
    middle = (top + bottom) / 2
    tallest = (bottom - top) / 2 - 4
    drawn = [
        svg.text(left, top - 8, f"{name} gave"),
        svg.text(left, bottom + 14, "you gave"),
        f'<path class="rule" d="M{svg.n(left)} {svg.n(middle)}H{svg.n(width - left)}"/>',
    ]
    for index, week in enumerate(weeks):
        x = left + index * step + step * 0.18
        for side, count in (("theirs", week.theirs), ("yours", week.yours)):
            if count <= 0:
                continue
            height = max(2.0, count / most * tallest)
            y = middle - height if side == "theirs" else middle
            who = f"{name} gave" if side == "theirs" else "you gave"
            label = f"{who} {words.plural(count, 'act')} in the week of {words.day(week.start)}"
            bar = svg.rect(x, y, step * 0.64, height, f"give {side}", label)
            drawn.append(svg.link(href(week, side), label, bar))
    for index in (0, len(weeks) - 1) if not tall else (0,):
        x = left + index * step + (0 if index == 0 else step)
        label = words.short_day(weeks[index].start)
        drawn.append(svg.text(x, bottom + 30, label, "te" if index else ""))
    theirs, yours = sum(max(0, week.theirs) for week in weeks), sum(max(0, week.yours) for week in weeks)
    said = f"In {len(weeks)} weeks {name} gave {theirs} and you gave {yours}."
    key, css = ("gt", "tall") if tall else ("gl", "long")
    return svg.drawing(css, width, bottom + 36, key, "Give and take by week", said, drawn)
