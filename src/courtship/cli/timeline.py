"""A person's acts laid on a time line of so many columns: pure geometry, no colour.

Theirs stand above the axis, yours below; the further from the axis, the more an act weighs: looks and
likes, then words, then follows and shares. Columns after the end of what is seen hold no act and are
hatched; a stretch of over 90 days in which nothing happened is dotted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from courtship.cli.look import HATCH, moment
from courtship.model import DAY, Micros
from courtship.service.people.story import Story

LIGHT: Final = frozenset({"view", "like"})
STRONG: Final = frozenset({"follow", "share", "quote", "endorse", "block"})
QUIET: Final[Micros] = 90 * DAY

_DENSITY_UP: Final = " ⣀⣤⣶⣿"
_DENSITY_DOWN: Final = " ⠉⠛⠿⣿"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(slots=True)
class Side:
    """The three rows of one direction, nearest to the axis first."""

    light: list[str]
    words: list[str]
    strong: list[str]


@dataclass(frozen=True, slots=True)
class Band:
    """A stage held on columns [start, end)."""

    stage: str
    start: int
    end: int


@dataclass(slots=True)
class TimeLine:
    """All rows of the picture, ``width`` columns each."""

    width: int
    first: Micros
    last: Micros
    theirs: Side
    ours: Side
    axis: list[str]
    dates: list[str]
    marks: list[str]
    bands: list[Band] = field(default_factory=list)
    unseen_from: int | None = None


def lay(story: Story, width: int) -> TimeLine:
    """The time line of ``story`` from the first act to its moment, ``width`` columns wide."""
    first = min((act.at for act in story.acts), default=story.report.since)
    line = _empty(width, first, max(story.at, first + 7 * DAY))
    _bands(line, story)
    _acts(line, story)
    _quiet(line, story)
    _dates(line)
    if story.seen_until is not None and story.seen_until < story.at - DAY:
        line.unseen_from = max(column(line, story.seen_until) + 1, 0)
        for row in (line.theirs.light, line.theirs.words, line.axis, line.ours.light, line.ours.words):
            for at in range(line.unseen_from, width):
                row[at] = HATCH
    return line


def column(line: TimeLine, at: Micros) -> int:
    """The column in which ``at`` falls."""
    return min(max((at - line.first) * line.width // (line.last - line.first + 1), 0), line.width - 1)


def numbered(index: int) -> str:
    """The mark of a change of stage: ``①`` and on; after twenty a plain bullet."""
    return chr(0x2460 + index) if index < 20 else "•"


def _empty(width: int, first: Micros, last: Micros) -> TimeLine:
    def row() -> list[str]:
        return [" "] * width

    sides = Side(row(), row(), row()), Side(row(), row(), row())
    return TimeLine(width, first, last, *sides, ["─"] * width, row(), row())


def _bands(line: TimeLine, story: Story) -> None:
    stage, start = "aware", 0
    for index, change in enumerate(story.announced):
        here = column(line, change.at)
        line.marks[here] = numbered(index)
        if here > start:
            line.bands.append(Band(stage, start, here))
        stage, start = change.after, here
    line.bands.append(Band(stage, start, line.width))


def _acts(line: TimeLine, story: Story) -> None:
    light: dict[tuple[bool, int], int] = {}
    for act in story.acts:
        here = column(line, act.at)
        side = line.ours if act.outbound else line.theirs
        if act.kind in LIGHT:
            light[act.outbound, here] = light.get((act.outbound, here), 0) + 1
        elif act.kind in STRONG:
            side.strong[here] = _heavier(side.strong[here], {"follow": "▲", "block": "✕"}.get(act.kind, "◆"))
        else:
            side.words[here] = _heavier(side.words[here], "○" if act.public is False else "●")
    for (outbound, here), amount in light.items():
        row, density = (line.ours.light, _DENSITY_DOWN) if outbound else (line.theirs.light, _DENSITY_UP)
        row[here] = density[1 if amount == 1 else 2 if amount < 4 else 3 if amount < 8 else 4]


def _heavier(one: str, other: str) -> str:
    order = " ○●▲◆✕"
    return max(one, other, key=order.index)


def _quiet(line: TimeLine, story: Story) -> None:
    until = min(story.at, story.seen_until) if story.seen_until is not None else story.at
    times = [*(act.at for act in story.acts if act.at <= until), until]
    for before, after in pairwise(times):
        start, end = column(line, before) + 1, column(line, after)
        if after - before <= QUIET or end - start < 2:
            continue
        line.axis[start:end] = "┄" * (end - start)
        said = f" quiet {(after - before) // DAY} days "
        if end - start >= len(said) + 2:
            at = (start + end - len(said)) // 2
            line.axis[at : at + len(said)] = said


def _dates(line: TimeLine) -> None:
    """Years and, where there is room, quarters or months below the axis, never two in one place."""
    begin, end = moment(line.first), moment(line.last)
    months = (end.year - begin.year) * 12 + end.month - begin.month + 1
    step = next((step for step in (1, 3, 6, 12) if months // step * 6 <= line.width), 12)
    free = 0
    for count in range(months + 1):
        year, month = divmod(begin.year * 12 + begin.month - 1 + count, 12)
        if month % step:
            continue
        at = int(begin.replace(year=year, month=month + 1, day=1, hour=0, minute=0, second=0).timestamp())
        if at * 1_000_000 < line.first or at * 1_000_000 > line.last:
            continue
        here = column(line, at * 1_000_000)
        label = str(year) if month == 0 else _MONTHS[month]
        if here >= free and here + len(label) <= line.width:
            line.dates[here : here + len(label)] = label
            free = here + len(label) + 1
            if line.axis[here] == "─":
                line.axis[here] = "┴"
    if free == 0:
        _ends(line)


def _ends(line: TimeLine) -> None:
    """Within one month: the first day and the last."""
    first, last = (f"{when.day} {_MONTHS[when.month - 1]}" for when in map(moment, (line.first, line.last)))
    if first != last and len(first) + len(last) < line.width:
        line.dates[-len(last) :] = last
    line.dates[: len(first)] = first[: line.width]
