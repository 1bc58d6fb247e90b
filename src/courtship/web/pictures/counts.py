"""Counts over time: a column a month, one segment a stage, the highest stage at the foot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from courtship.model import Micros
from courtship.web import words
from courtship.web.frame import AWARE, FRAME, PARTED, Frame
from courtship.web.pictures import svg


@dataclass(frozen=True, slots=True)
class Column:
    """How many people were in each stage at a moment. ``seen`` is false after the end of the data."""

    at: Micros
    counts: Mapping[str, int]
    seen: bool = True


def picture(columns: Sequence[Column], href: Callable[[str, Micros], str]) -> SafeString:
    """Both drawings; ``href(stage, at)`` leads to the people behind a segment."""
    frame = FRAME.get()
    return svg.safe(_drawing(columns, href, frame, False), _drawing(columns[-12:], href, frame, True))


def _drawing(columns: Sequence[Column], href: Callable[[str, Micros], str], frame: Frame, tall: bool) -> str:
    width, left, top, bottom = (300, 34.0, 12.0, 190.0) if tall else (860, 44.0, 14.0, 214.0)
    right = width - (4.0 if tall else 92.0)
    order = [*reversed(frame.ladder), AWARE]
    most = max((sum(c.counts.get(s, 0) for s in order) for c in columns), default=1) or 1
    step = (right - left) / max(1, len(columns))
    drawn: list[str] = []
    for value in _grid(most):
        y = bottom - value / most * (bottom - top)
        drawn.append(f'<path class="rule faded" d="M{svg.n(left)} {svg.n(y)}H{svg.n(right)}"/>')
        drawn.append(svg.text(left - 6, y + 4, words.number(value), "te"))
    for index, column in enumerate(columns):
        x, y = left + index * step, bottom
        when = words.short_day(column.at, frame)
        for stage in order:
            count = column.counts.get(stage, 0)
            if not count:
                continue
            height = count / most * (bottom - top)
            y -= height
            label = f"{words.number(count)} {stage} on {when}"
            body = svg.rect(
                x + step * 0.12, y, step * 0.76, max(height - 0.6, 0.6), f"node {frame.tone(stage)}", label
            )
            drawn.append(svg.link(href(stage, column.at), label, body))
        if not column.seen:
            drawn.append(
                f'<rect x="{svg.n(x + step * 0.12)}" y="{svg.n(y)}" width="{svg.n(step * 0.76)}"'
                f' height="{svg.n(bottom - y)}" fill="url(#hatch)"/>'
            )
    drawn += _labels(columns, left, step, bottom, frame, tall)
    if columns and not tall:
        drawn += _ends(columns[-1], order, most, right, top, bottom, frame)
    finding = _told(columns, frame)
    key, css = ("nt", "tall") if tall else ("nl", "long")
    return svg.drawing(css, width, bottom + 28, key, "How many stood where, over time", finding, drawn)


def _told(columns: Sequence[Column], frame: Frame) -> str:
    if not columns:
        return "Nobody yet."
    last = columns[-1]
    said = ", ".join(f"{words.number(last.counts.get(s, 0))} {s}" for s in (AWARE, *frame.ladder, PARTED))
    return f"On {words.short_day(last.at, frame)}: {said}. The table below has every number."


def _grid(most: int) -> list[int]:
    raw = most / 3
    power = 10 ** (len(str(max(1, int(raw)))) - 1)
    step = max(1, next(m for m in (1, 2, 5, 10) if m * power >= raw) * power)
    return list(range(0, most + 1, step))


def _labels(
    columns: Sequence[Column], left: float, step: float, bottom: float, frame: Frame, tall: bool
) -> list[str]:
    drawn = []
    every = max(1, -int(-(56 if tall else 40) // step)) if step else 1
    for index, column in enumerate(columns):
        local = frame.local(column.at)
        if (len(columns) - 1 - index) % every:
            continue
        month = words.MONTHS[local.month - 1][:3]
        label = f"{month} {local.year % 100:02d}" if local.month == 1 or tall or every > 2 else month
        drawn.append(svg.text(left + (index + 0.5) * step, bottom + 18, label, "tm"))
    return drawn


def _ends(
    column: Column, order: Sequence[str], most: int, right: float, top: float, bottom: float, frame: Frame
) -> list[str]:
    """The stages' names beside the last column, pushed apart so that each can be read."""
    y, middles = bottom, []
    for stage in order:
        height = column.counts.get(stage, 0) / most * (bottom - top)
        if height:
            middles.append((stage, y - height / 2 + 4))
        y -= height
    drawn, floor = [], bottom + 16
    for stage, middle in middles:
        floor = min(middle, floor - 15)
        drawn.append(svg.text(right + 8, floor, stage, f"ts {frame.tone(stage)}"))
    return drawn
