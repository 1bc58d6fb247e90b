"""The courtship as a picture: what each did towards the other, on one time line, over bands of stages.

Two drawings of one story: ``.long`` runs to the right, ``.tall`` runs upwards with now on top; the sheet
shows the one that fits. Theirs above the axis (left when tall), the brand's below (right). Distance from
the axis is the weight of the act, shape its kind, band its stage, hatching what cannot be seen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.safestring import SafeString
from numpy.typing import NDArray

from courtship.model import DAY, Micros
from courtship.service.people.story import Drawn
from courtship.vocabulary import KIND_CODE, KINDS
from courtship.web import words
from courtship.web.frame import FRAME, Frame
from courtship.web.pictures import svg
from courtship.web.pictures.calendar import month_start, ticks

LIGHT, WORDS, GATE = 0, 1, 2
LEVEL = {
    "view": LIGHT,
    "like": LIGHT,
    "vote": WORDS,
    "comment": WORDS,
    "mention": WORDS,
    "message": WORDS,
    "follow": GATE,
    "share": GATE,
    "quote": GATE,
    "endorse": GATE,
    "block": GATE,
}
SHAPE = {"view": "look", "like": "dot", "follow": "triangle", "block": "bar"} | dict.fromkeys(
    ("share", "quote", "endorse"), "diamond"
)
NAMED = {"look": "look", "dot": "like", "disc": "word in public", "ring": "word in private"} | {
    "triangle": "follow",
    "diamond": "share",
    "bar": "block",
}
WEEK: Micros = 7 * DAY
MOST_MARKS = 400
KNOBS = 24


@dataclass(frozen=True, slots=True)
class Act:
    """One activity as the picture needs it. ``public`` is ``None`` where it is not known."""

    at: Micros
    kind: str
    outbound: bool
    public: bool | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of the reported stage; ``number`` is that of its receipt."""

    number: int
    at: Micros
    before: str
    after: str
    lapse: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """All that is drawn. ``seen_until`` is the end of what is covered, ``None`` where it lasts till now.
    ``gaps`` are silences in covered time, as (start, end)."""

    name: str
    brand: str
    first: Micros
    now: Micros
    acts: Sequence[Act] | Drawn
    turns: tuple[Turn, ...]
    first_stage: str = "aware"
    seen_until: Micros | None = None
    gaps: tuple[tuple[Micros, Micros], ...] = ()

    def bands(self) -> list[tuple[str, Micros, Micros]]:
        """(stage, from, to) from change to change."""
        edges = [(self.first_stage, self.first)] + [(turn.after, turn.at) for turn in self.turns]
        ends = [at for _, at in edges[1:]] + [self.now]
        return [(stage, at, end) for (stage, at), end in zip(edges, ends, strict=True) if end > at]


@dataclass(frozen=True, slots=True)
class Mark:
    """Acts that are drawn as one: same day, side and level; of ``weeks`` weeks where it is a bar."""

    at: Micros
    outbound: bool
    level: int
    shape: str
    count: int
    weeks: int = 0

    @property
    def bar(self) -> bool:
        """Whether it stands for weeks."""
        return self.weeks > 0

    def title(self, frame: Frame) -> str:
        """What a pointer resting on the mark is told; empty for a single act."""
        if self.count < 2:
            return ""
        what = words.plural(self.count, NAMED[self.shape], NAMED[self.shape].replace("word", "words"))
        if self.shape not in ("disc", "ring"):
            what = words.plural(self.count, NAMED[self.shape])
        when = words.short_day(self.at, frame)
        if self.weeks > 1:
            return f"{what} in the {self.weeks} weeks from {when}"
        return f"{what} in the week of {when}" if self.weeks else f"{what}, {when}"


def shape(act: Act) -> str:
    """The form of a mark: its kind, and for words whether others could see them."""
    known = SHAPE.get(act.kind)
    if known:
        return known
    private = act.public is False or (act.public is None and act.kind == "message")
    return "ring" if private else "disc"


def marks(acts: Sequence[Act] | Drawn, frame: Frame) -> list[Mark]:
    """One mark a day, side and shape; where there are over 400 acts, light ones join into weekly bars,
    and so do words and shares where even their days are too many."""
    acts = acts if isinstance(acts, Drawn) else _as_drawn(acts)
    days = _days(acts, frame)
    weekly = {LIGHT} if len(acts.at) > MOST_MARKS else set()
    found = _joined(days, weekly, 1)
    for level in (WORDS, GATE):
        if len(found) > MOST_MARKS:
            weekly.add(level)
            found = _joined(days, weekly, 1)
    for weeks in (4, 13, 52):
        if len(found) > MOST_MARKS:
            found = _joined(days, weekly, weeks)
    return found


def _as_drawn(acts: Sequence[Act]) -> Drawn:
    return Drawn(
        np.array([act.at for act in acts], np.int64),
        np.array([KIND_CODE[act.kind] for act in acts], np.uint8),
        np.array([act.outbound for act in acts], np.uint8),
        np.array([-1 if act.public is None else int(act.public) for act in acts], np.int8),
    )


@dataclass(frozen=True, slots=True)
class _Days:
    """Acts by day, side and shape: their number and the first moment, with the levels of the shapes; days
    begin ``offset`` before those of UTC."""

    offset: Micros
    day: NDArray[np.int64]
    outbound: NDArray[np.int64]
    shape: NDArray[np.int64]
    count: NDArray[np.int64]
    first: NDArray[np.int64]


_SHAPES = ("bar", "diamond", "disc", "dot", "look", "ring", "triangle")
_LEVELS = np.array([2, 2, 1, 0, 0, 1, 2], np.int64)
_SHAPE_OF = np.array(
    [[_SHAPES.index(shape(Act(0, kind, False, public))) for public in (None, False, True)] for kind in KINDS],
    np.int64,
)
_JOINED = np.array([_SHAPES.index(one) for one in ("dot", "disc", "diamond")], np.int64)
"""The shape of a bar, by level."""


def _days(acts: Drawn, frame: Frame) -> _Days:
    shift = frame.local(int(acts.at[0])).utcoffset() if len(acts.at) else None
    offset = shift // dt.timedelta(microseconds=1) if shift else 0
    shapes = _SHAPE_OF[acts.kind, acts.public.astype(np.int64) + 1]
    key = ((acts.at + offset) // DAY * 2 + acts.outbound) * len(_SHAPES) + shapes
    found, first, count = np.unique(key, return_index=True, return_counts=True)
    side = found // len(_SHAPES)
    return _Days(offset, side // 2, side % 2, found % len(_SHAPES), count, acts.at[first])


def _joined(days: _Days, weekly: set[int], weeks: int) -> list[Mark]:
    level = _LEVELS[days.shape]
    bar = np.isin(level, sorted(weekly))
    bucket = np.where(bar, days.day // (7 * weeks), days.day)
    form = np.where(bar, _JOINED[level], days.shape)
    # in the order (moment, bucket, side, level, shape)
    moment = np.where(bar, bucket * weeks * WEEK - days.offset, days.first)
    key = ((bucket * 2 + days.outbound) * 3 + level) * len(_SHAPES) + form
    found, group = np.unique(key, return_inverse=True)
    count = np.bincount(group, weights=days.count, minlength=len(found)).astype(np.int64)
    start = np.full(len(found), np.iinfo(np.int64).max)
    np.minimum.at(start, group, moment)
    order = np.lexsort((found, start))
    side, kind = found // len(_SHAPES), found % len(_SHAPES)
    return [
        Mark(at, bool(outbound), rank, _SHAPES[one], many, weeks * (rank in weekly))
        for at, outbound, rank, one, many in zip(
            start[order].tolist(),
            (side // 3 % 2)[order].tolist(),
            (side % 3)[order].tolist(),
            kind[order].tolist(),
            count[order].tolist(),
            strict=True,
        )
    ]


@dataclass(frozen=True, slots=True)
class Side:
    """The geometry of one drawing: how far each level is from the axis, and how a place becomes x, y."""

    tall: bool
    axis: float
    levels: tuple[float, float, float]
    along: Callable[[Micros], float]

    def across(self, outbound: bool, distance: float) -> float:
        """The coordinate at right angles to time."""
        away = 1 if outbound else -1
        return self.axis + away * distance

    def point(self, at: Micros, outbound: bool, distance: float) -> tuple[float, float]:
        """(x, y) of a moment at a distance from the axis."""
        along, across = self.along(at), self.across(outbound, distance)
        return (across, along) if self.tall else (along, across)


def picture(story: Story) -> SafeString:
    """Both drawings of a story."""
    frame = FRAME.get()
    shown = marks(story.acts, frame)
    title = f"The courtship of {story.name} and {story.brand}"
    told = tell(story, frame)
    return svg.safe(_long(story, shown, title, told, frame), _tall(story, shown, title, told, frame))


def tell(story: Story, frame: Frame) -> str:
    """The story in three sentences, for those who hear the page."""
    start = frame.local(story.first)
    sentences = [
        f"{words.MONTHS[start.month - 1]} {start.year} to {words.day(story.now, year=True, frame=frame)}.",
        ", ".join(
            [f"{story.first_stage.capitalize()} from {words.day(story.first, year=True, frame=frame)}"]
            + [
                f"{turn.after} from {words.day(turn.at, year=True, frame=frame)}"
                + (" by lapse" if turn.lapse else "")
                for turn in story.turns[-12:]
            ]
        )
        + ".",
    ]
    if story.gaps:
        longest = max(story.gaps, key=lambda gap: gap[1] - gap[0])
        since = frame.local(longest[0])
        days, month = (longest[1] - longest[0]) // DAY, words.MONTHS[since.month - 1]
        sentences.append(f"Quiet for {days} days from {month} {since.year}.")
    if story.seen_until is not None:
        sentences.append(f"Nothing is seen after {words.day(story.seen_until, year=True, frame=frame)}.")
    return " ".join(sentences)


def _first_shown(story: Story, frame: Frame) -> Micros:
    """Where the axis begins: at the start of the month of the first act; where all of it was within half a
    year, at that act itself, with room for two weeks."""
    if story.now - story.first > 26 * WEEK:
        return month_start(story.first, frame)
    return min(story.first, story.now - 2 * WEEK)


def _long(story: Story, shown: list[Mark], title: str, told: str, frame: Frame) -> str:
    left, right, top, bottom, axis = 78.0, 852.0, 46.0, 252.0, 168.0
    start = _first_shown(story, frame)
    scale = (right - left) / max(1, story.now - start)

    def x(at: Micros) -> float:
        return left + (at - start) * scale

    side = Side(False, axis, (17, 46, 80), x)
    drawn: list[str] = []
    knobs = _spread([x(turn.at) for turn in story.turns[-KNOBS:]], 21, 14, right)
    for index, (stage, begin, end) in enumerate(story.bands()):
        tone, at, width = frame.tone(stage), x(begin), x(end) - x(begin)
        label = ""
        if width >= 60:
            label = (
                f'<use href="#g-{tone}" x="{svg.n(at + 8)}" y="58" width="21" height="14" class="ci"/>'
                + svg.text(at + 33, 69, stage, "ts")
            )
        elif index == 0 and story.turns and len(story.turns) <= KNOBS and knobs[0] - 14 > 60:
            label = svg.text(knobs[0] - 14, 34, stage, "ts te")
        drawn.append(
            f'<g class="{tone}">'
            + svg.rect(at, top, width, bottom - top, "band")
            + svg.rect(at, top, width, 3, "edge")
            + f"{label}</g>"
        )
    edge = right
    if story.seen_until is not None and story.seen_until < story.now:
        edge = max(left, x(story.seen_until))
        drawn.append(svg.rect(edge, top, right - edge, bottom - top, "unseen"))
        drawn.append(
            f'<rect x="{svg.n(edge)}" y="{svg.n(top)}" width="{svg.n(right - edge)}"'
            f' height="{svg.n(bottom - top)}" fill="url(#hatch)"/>'
        )
        drawn.append(
            svg.text(right, 294, f"not seen after {words.short_day(story.seen_until, frame)[:-5]}", "te")
        )
    for tick, label, year in ticks(start, story.now, 13, frame):
        drawn.append(f'<path class="rule" d="M{svg.n(x(tick))} 252v{8 if year else 4}"/>')
        if x(tick) < right - 8:
            drawn.append(svg.text(x(tick), 274, label, "ti" if year else "tm"))
    name = _short(story.name)
    drawn += [
        svg.text(68, 118, name, "te"),
        svg.text(68, 134, "to you", "te"),
        svg.text(68, 204, "you", "te"),
    ]
    drawn.append(svg.text(68, 220, f"to {name}", "te"))
    drawn += _axis(story, side, x(start), edge)
    for begin, until in story.gaps:
        if x(until) - x(begin) >= 50:
            middle = (x(begin) + x(until)) / 2
            drawn.append(svg.text(middle, 158, "quiet", "tm"))
            drawn.append(svg.text(middle, 188, f"{(until - begin) // DAY} days", "tm"))
    drawn += _marks(story, shown, side, frame)
    for turn, knob in zip(story.turns[-KNOBS:], knobs, strict=True):
        at = x(turn.at)
        line = f"M{svg.n(knob)} 38L{svg.n(at)} 46V252" if abs(knob - at) > 0.5 else f"M{svg.n(at)} 38V252"
        drawn.append(_turn(turn, line, knob, 30, frame))
    return svg.drawing("long", 860, 302, "cl", title, told, drawn)


def _tall(story: Story, shown: list[Mark], title: str, told: str, frame: Frame) -> str:
    left, right, top, axis = 48.0, 300.0, 34.0, 172.0
    start = _first_shown(story, frame)
    months = max(1.0, (story.now - start) / (30.44 * DAY))
    bottom = top + min(1100.0, max(220.0, months * 18.7))

    def y(at: Micros) -> float:
        return bottom - (at - start) / max(1, story.now - start) * (bottom - top)

    side = Side(True, axis, (14, 38, 66), y)
    name = _short(story.name)
    drawn = [svg.text(162, 14, f"{name} to you", "te"), svg.text(182, 14, f"you to {name}")]
    for stage, begin, end in story.bands():
        tone, at, height = frame.tone(stage), y(end), y(begin) - y(end)
        label = svg.text(60, y(begin) - 10, stage, "ts") if height >= 30 else ""
        drawn.append(
            f'<g class="{tone}">'
            + svg.rect(left, at, right - left, height, "band")
            + svg.rect(left, at, 3, height, "edge")
            + f"{label}</g>"
        )
    edge = top
    if story.seen_until is not None and story.seen_until < story.now:
        edge = min(bottom, y(story.seen_until))
        drawn.append(svg.rect(left, top, right - left, edge - top, "unseen"))
        drawn.append(
            f'<rect x="48" y="{svg.n(top)}" width="252" height="{svg.n(edge - top)}" fill="url(#hatch)"/>'
        )
        if edge - top >= 24:
            drawn.append('<rect class="plate" x="90" y="39" width="164" height="19" rx="3"/>')
            said = f"not seen after {words.short_day(story.seen_until, frame)[:-5]}"
            drawn.append(svg.text(172, 53, said, "tm"))
    for tick, label, year in ticks(start, story.now, max(2, int((bottom - top) // 90)), frame):
        drawn.append(f'<path class="rule" d="M40 {svg.n(y(tick))}h8"/>')
        drawn.append(svg.text(36, y(tick) + 4, label, "te ti" if year else "te"))
    drawn += _axis(story, side, y(start), edge)
    for begin, until in story.gaps:
        if y(begin) - y(until) >= 24:
            said = f"quiet, {(until - begin) // DAY} days"
            drawn.append(svg.text(184, (y(begin) + y(until)) / 2 + 4, said))
    drawn += _marks(story, shown, side, frame)
    turns = story.turns[-KNOBS:]
    knobs = _spread([-y(turn.at) for turn in turns], 21, -bottom, -top)
    for turn, knob in zip(turns, knobs, strict=True):
        at = y(turn.at)
        line = f"M48 {svg.n(at)}H270L277 {svg.n(-knob)}" if abs(knob + at) > 0.5 else f"M48 {svg.n(at)}H276"
        drawn.append(_turn(turn, line, 287, -knob, frame))
    return svg.drawing("tall", 300, bottom + 26, "ct", title, told, drawn)


def _short(name: str) -> str:
    """A name short enough to stand beside the axis: the first word, cut at nine letters."""
    first = name.split(" ")[0] if not name.startswith("Person ") else name
    return first if len(first) <= 9 else first[:8] + "…"


def _spread(places: list[float], apart: float, least: float, most: float) -> list[float]:
    """Moves ordered places apart by at least ``apart``, as little as possible, within [least, most]."""
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + apart if found else least))
    limit = most
    for index in range(len(found) - 1, -1, -1):
        found[index] = min(found[index], limit)
        limit = found[index] - apart
    return found


def _axis(story: Story, side: Side, start: float, end: float) -> list[str]:
    pieces: list[tuple[float, float]] = []
    at = start
    gaps: list[str] = []
    for begin, until in story.gaps:
        a, b = side.along(begin), side.along(until)
        pieces.append((at, a))
        gaps.append(f"M{_p(side, a)}{_to(side, b)}")
        at = b
    pieces.append((at, end))
    lines = "".join(f"M{_p(side, a)}{_to(side, b)}" for a, b in pieces if abs(b - a) > 0.05)
    dotted = "".join(gaps)
    return [f'<path class="axis" d="{lines}"/>'] + ([f'<path class="gap" d="{dotted}"/>'] if dotted else [])


def _p(side: Side, along: float) -> str:
    return f"{svg.n(side.axis)} {svg.n(along)}" if side.tall else f"{svg.n(along)} {svg.n(side.axis)}"


def _to(side: Side, along: float) -> str:
    return f"{'V' if side.tall else 'H'}{svg.n(along)}"


def _marks(story: Story, shown: list[Mark], side: Side, frame: Frame) -> list[str]:
    stems: list[str] = []
    drawn: list[str] = []
    most = {
        level: max((m.count for m in shown if m.bar and m.level == level), default=1) for level in range(3)
    }
    for mark in shown:
        distance = side.levels[mark.level]
        x, y = side.point(mark.at, mark.outbound, distance)
        if mark.bar:
            drawn.append(_bar(mark, side, most[mark.level], story.first, story.now, frame))
            continue
        if mark.level != LIGHT:
            foot = side.point(mark.at, mark.outbound, 0)
            end = f"H{svg.n(x)}" if side.tall else f"V{svg.n(y)}"
            stems.append(f"M{svg.n(foot[0])} {svg.n(foot[1])}{end}")
        drawn.append(_mark(mark.shape, x, y, mark.title(frame)))
    return ([f'<path class="stem" d="{"".join(stems)}"/>'] if stems else []) + drawn


def _bar(mark: Mark, side: Side, most: int, first: Micros, last: Micros, frame: Frame) -> str:
    """A week's acts: as long as its count, from the axis up to where single marks of the level stand."""
    base = (0.0, side.levels[0] + 4, side.levels[1] + 5)[mark.level]
    reach = max(1.5, (side.levels[mark.level] + 4 - base) * mark.count / most)
    a, b = side.across(mark.outbound, base), side.across(mark.outbound, base + reach)
    begin, end = max(mark.at, first), min(mark.at + mark.weeks * WEEK, last)
    width = max(1.2, abs(side.along(end) - side.along(begin)) - 0.6)
    low, thick = min(a, b), abs(b - a)
    along = side.along(begin)
    if side.tall:
        return svg.rect(low, along - width, thick, width, "m", mark.title(frame))
    return svg.rect(along, low, width, thick, "m", mark.title(frame))


def _mark(form: str, x: float, y: float, title: str) -> str:
    told = f"<title>{title}</title>" if title else ""
    px, py = svg.n(x), svg.n(y)
    match form:
        case "look":
            tag, rest = "path", f'class="look" d="M{px} {svg.n(y - 2.5)}v5"'
        case "dot":
            tag, rest = "circle", f'class="m" cx="{px}" cy="{py}" r="2.2"'
        case "ring":
            tag, rest = "circle", f'class="mo-x" cx="{px}" cy="{py}" r="3.4"'
        case "triangle":
            tag, rest = "path", f'class="m" d="M{svg.n(x - 4.5)} {svg.n(y + 4)}h9l-4.5-8.5z"'
        case "diamond":
            tag, rest = "path", f'class="m" d="M{px} {svg.n(y - 6.5)}l6.5 6.5l-6.5 6.5l-6.5-6.5z"'
        case "bar":
            tag, rest = "rect", f'class="m" x="{svg.n(x - 1.5)}" y="{svg.n(y - 6)}" width="3" height="12"'
        case _:
            tag, rest = "circle", f'class="m" cx="{px}" cy="{py}" r="3.6"'
    return f"<{tag} {rest}>{told}</{tag}>" if told else f"<{tag} {rest}/>"


def _turn(turn: Turn, line: str, x: float, y: float, frame: Frame) -> str:
    label = f"{turn.number}: {turn.before} to {turn.after}, {words.short_day(turn.at, frame)}"
    inside = (
        f'<path class="turn" d="{line}"/><circle class="knob" cx="{svg.n(x)}" cy="{svg.n(y)}" r="10"/>'
        + svg.text(x, y + 4.5, str(turn.number), "knob-t")
    )
    return svg.link(f"#r{turn.number}", label, inside, frame.tone(turn.after))
