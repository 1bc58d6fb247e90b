"""Samples of stacks: their top lines as text, the whole as folded stacks and as a picture (SVG)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Final

Stack = tuple[str, ...]
"""Frames from the outermost to the innermost: ``function (file:line)``, or ``function (library)``."""

WIDTH: Final = 1_400
HEIGHT: Final = 17
LEAST: Final = 0.002
"""Share of all samples below which a frame is not drawn."""


class Samples:
    """How often each stack was seen."""

    def __init__(self, stacks: Iterable[tuple[Stack, int]] = ()) -> None:
        self.stacks: Counter[Stack] = Counter()
        for stack, times in stacks:
            self.stacks[stack] += times

    @property
    def total(self) -> int:
        """All of them."""
        return self.stacks.total()

    def within(self, function: str) -> Samples:
        """Those in which a function of that name was running, cut to what it called."""
        found = Samples()
        for stack, times in self.stacks.items():
            for place, frame in enumerate(stack):
                if frame.startswith(f"{function} ("):
                    found.stacks[stack[place:]] += times
                    break
        return found

    def by(self, named: Callable[[Stack], str]) -> Counter[str]:
        """Samples by what a stack is called."""
        counts: Counter[str] = Counter()
        for stack, times in self.stacks.items():
            counts[named(stack)] += times
        return counts

    def share(self, times: int) -> str:
        """Of all, in per cent."""
        return f"{times / max(1, self.total):6.1%}"


def innermost(stack: Stack, mark: str) -> str:
    """The innermost frame that has ``mark`` in it, ``elsewhere`` without one."""
    return next((frame for frame in reversed(stack) if mark in frame), "elsewhere")


def top_lines(samples: Samples, mark: str, many: int) -> Iterator[str]:
    """The lines (of files with ``mark`` in their name) in which most was spent, in themselves with the
    libraries that they call (*self*), and in everything that they call (*total*)."""
    own = samples.by(lambda stack: innermost(stack, mark))
    total: Counter[str] = Counter()
    for stack, times in samples.stacks.items():
        for frame in {frame for frame in stack if mark in frame}:
            total[frame] += times
    yield "    self   total  line"
    for frame, times in own.most_common(many):
        whole = total.get(frame, times)
        yield f"  {samples.share(times)}  {samples.share(whole)}  {frame}"


def shares(samples: Samples, named: Callable[[Stack], str], many: int) -> Iterator[str]:
    """What most was spent in, by name."""
    for name, times in samples.by(named).most_common(many):
        yield f"  {samples.share(times)}  {name}"


def write(samples: Samples, folder: Path, name: str) -> None:
    """``NAME.folded`` (a stack a line, as flame graph tools read it) and ``NAME.svg``, without scripts."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = sorted(
        f"{';'.join(frame.replace(';', ',') for frame in stack)} {times}"
        for stack, times in samples.stacks.items()
    )
    (folder / f"{name}.folded").write_text("\n".join([*lines, ""]), encoding="utf-8")
    (folder / f"{name}.svg").write_text(picture(samples, name), encoding="utf-8")


def picture(samples: Samples, title: str) -> str:
    """The flame graph (Gregg 2016, "The Flame Graph", CACM 59:6), hanging from the top: a frame's width is
    its share; what it called hangs below it; the pointer on it tells the share."""
    total = max(1, samples.total)
    drawn: list[tuple[int, float, float, str]] = []

    def draw(stacks: list[tuple[Stack, int]], depth: int, left: float) -> None:
        under: dict[str, list[tuple[Stack, int]]] = {}
        for stack, times in stacks:
            if len(stack) > depth:
                under.setdefault(stack[depth], []).append((stack, times))
        for frame, some in sorted(under.items()):
            width = sum(times for _, times in some) / total
            if width >= LEAST:
                drawn.append((depth, left, width, frame))
                draw(some, depth + 1, left)
            left += width

    draw(list(samples.stacks.items()), 0, 0.0)
    deepest = max((depth for depth, *_ in drawn), default=0)
    high = (deepest + 3) * HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {high}" width="{WIDTH}" '
        f'height="{high}" font-family="monospace" font-size="11">'
        f'<rect width="{WIDTH}" height="{high}" fill="#fff"/>'
        f'<text x="4" y="13">{escape(title)}: {samples.total:,} samples</text>'
    ]
    for depth, left, width, frame in drawn:
        x, y, wide = left * WIDTH, (depth + 1.5) * HEIGHT, width * WIDTH
        text = frame[: max(0, int((wide - 4) / 6.7))]
        parts.append(
            f'<g><title>{escape(frame)}: {width:.1%}</title><rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" '
            f'height="{HEIGHT - 1}" fill="{_colour(frame)}"/>'
            f'<text x="{x + 2:.1f}" y="{y + 12:.1f}">{escape(text) if len(text) > 2 else ""}</text></g>'
        )
    return "".join([*parts, "</svg>\n"])


def _colour(frame: str) -> str:
    """Ours, the operating system's, a library's Python, machine code."""
    if "courtship" in frame or "walk.py" in frame:
        return "#f4a259"
    if frame.startswith("["):
        return "#e07a7a"
    return "#f7d488" if ".py:" in frame else "#cfd8dc"
