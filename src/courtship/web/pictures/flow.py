"""Who moved between two dates: only movers, one scale for all, each ribbon in the colour of where it went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString

from courtship.model import Micros
from courtship.web import words
from courtship.web.frame import AWARE, FRAME, PARTED, Frame
from courtship.web.pictures import svg

NEW = "new"


@dataclass(frozen=True, slots=True)
class Ribbon:
    """``people`` went from ``before`` (``"new"`` where not met at the start) to ``after``."""

    before: str
    after: str
    people: int


@dataclass(frozen=True, slots=True)
class Moved:
    """What is drawn: the movers, and how many stayed in each stage and are in it at the end."""

    start: Micros
    end: Micros
    ribbons: tuple[Ribbon, ...]
    stayed: Mapping[str, int]
    now: Mapping[str, int]


def picture(moved: Moved, href: Callable[[str, str], str]) -> SafeString:
    """Both drawings; ``href(before, after)`` leads to the people behind a ribbon."""
    frame = FRAME.get()
    return svg.safe(_drawing(moved, href, frame, False), _drawing(moved, href, frame, True))


def tell(moved: Moved, frame: Frame) -> str:
    """The finding in one sentence."""
    rank = {stage: index for index, stage in enumerate((AWARE, *frame.ladder))}
    new = sum(r.people for r in moved.ribbons if r.before == NEW)
    up = sum(r.people for r in moved.ribbons if rank.get(r.after, -1) > rank.get(r.before, 99))
    parted = sum(r.people for r in moved.ribbons if r.after == PARTED)
    back = sum(r.people for r in moved.ribbons if r.before == PARTED)
    down = sum(r.people for r in moved.ribbons if 0 <= rank.get(r.after, -1) < rank.get(r.before, -1))
    total = sum(r.people for r in moved.ribbons)
    said = f"{words.plural(total, 'person', 'people')} moved: {new} new"
    return (
        said
        + f"; {up} moved up a stage, {down} moved down, {parted} parted"
        + (f", {back} came back." if back else ".")
    )


def _drawing(moved: Moved, href: Callable[[str, str], str], frame: Frame, tall: bool) -> str:
    order = [*reversed(frame.ladder), AWARE, PARTED, NEW]
    total = max(1, sum(r.people for r in moved.ribbons))
    scale = (211 if tall else 272.8) / total
    left, right = (80.0, 202.0) if tall else (150.0, 694.0)
    outof = [s for s in order if any(r.before == s for r in moved.ribbons)]
    into = [s for s in order if any(r.after == s for r in moved.ribbons)]
    lefts, end_left = _stack(outof, lambda s: sum(r.people for r in moved.ribbons if r.before == s) * scale)
    rights, end_right = _stack(into, lambda s: sum(r.people for r in moved.ribbons if r.after == s) * scale)
    ribbons = sorted(moved.ribbons, key=lambda r: (order.index(r.before), order.index(r.after)))
    leaving = dict(lefts)
    starts = {}
    for ribbon in ribbons:
        starts[ribbon] = leaving[ribbon.before]
        leaving[ribbon.before] += ribbon.people * scale
    arriving = dict(rights)
    drawn = [
        svg.text(left, 14, words.day(moved.start, year=False, frame=frame), "ti te"),
        svg.text(right + 6, 14, words.day(moved.end, year=False, frame=frame), "ti"),
    ]
    for ribbon in ribbons:
        a, b = starts[ribbon], arriving[ribbon.after]
        arriving[ribbon.after] += ribbon.people * scale
        drawn.append(_ribbon(ribbon, a, b, ribbon.people * scale, left + 6, right, href, frame))
    drawn += _labels(moved, outof, lefts, scale, left, frame, tall, True)
    drawn += _labels(moved, into, rights, scale, right, frame, tall, False)
    key, css, width = ("ft", "tall", 300) if tall else ("fl", "long", 860)
    begin, end = (words.day(at, year=True, frame=frame) for at in (moved.start, moved.end))
    told = tell(moved, frame) + " The table below has every number."
    height = max(end_left, end_right, 60) + 18
    return svg.drawing(css, width, height, key, f"Who moved between {begin} and {end}", told, drawn)


def _stack(stages: Sequence[str], height: Callable[[str], float]) -> tuple[dict[str, float], float]:
    """The top of each node: at least 40 from the one above, and 30 below its end."""
    tops: dict[str, float] = {}
    y = end = 46.0
    for stage in stages:
        tops[stage] = y
        end = y + height(stage)
        y = max(y + 40, end + 30)
    return tops, end


def _ribbon(
    ribbon: Ribbon,
    a: float,
    b: float,
    thick: float,
    left: float,
    right: float,
    href: Callable[[str, str], str],
    frame: Frame,
) -> str:
    middle = (left + right) / 2
    n = svg.n
    path = (
        f"M{n(left)} {n(a)}C{n(middle)} {n(a)} {n(middle)} {n(b)} {n(right)} {n(b)}V{n(b + thick)}"
        f"C{n(middle)} {n(b + thick)} {n(middle)} {n(a + thick)} {n(left)} {n(a + thick)}z"
    )
    label = f"{ribbon.people} went from {ribbon.before} to {ribbon.after}"
    inside = (
        f'<path class="flow {frame.tone(ribbon.after)}" d="{path}">'
        f"<title>{escape(ribbon.before)} to {escape(ribbon.after)}: {ribbon.people}</title></path>"
    )
    return svg.link(href(ribbon.before, ribbon.after), label, inside)


def _labels(
    moved: Moved,
    stages: Sequence[str],
    tops: Mapping[str, float],
    scale: float,
    x: float,
    frame: Frame,
    tall: bool,
    left: bool,
) -> list[str]:
    drawn: list[str] = []
    for stage in stages:
        people = sum(r.people for r in moved.ribbons if (r.before if left else r.after) == stage)
        tone = "new" if stage == NEW else frame.tone(stage)
        middle = tops[stage] + people * scale / 2
        stayed, now = moved.stayed.get(stage, 0), moved.now.get(stage, 0)
        if left:
            second = f"{people:,} came" if stage == NEW else f"{stayed:,} stayed"
            if not tall and stage != NEW:
                second = f"{people:,} left, {second}"
        else:
            second = f"+{people:,}, now {now:,}" if tall else f"{people:,} came, now {now:,}"
        at = x - (8 if tall else 10) if left else x + 14
        css = "te " if left else ""
        drawn.append(svg.rect(x, tops[stage], 6, people * scale, f"node {tone}"))
        drawn.append(svg.text(at, middle - 2, stage, f"ts {css}{tone}"))
        drawn.append(svg.text(at, middle + 13, second, css.strip()))
    return drawn
