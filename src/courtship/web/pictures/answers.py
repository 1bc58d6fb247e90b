"""How long each waits for the other: one dot an answer, hours on a logarithmic scale, a bar at the median."""

from __future__ import annotations

import math
from collections.abc import Sequence

from django.utils.safestring import SafeString

from courtship.model import Micros
from courtship.web import words
from courtship.web.pictures import svg

MOST_DOTS = 60


def picture(name: str, theirs: Sequence[Micros], ours: Sequence[Micros]) -> SafeString:
    """``theirs`` and ``ours`` are waiting times in microseconds, in any order; either may be empty."""
    short = name.split(" ")[0]
    said = [
        f"{who} in {words.length(_median(waits))} in the middle, from {words.length(min(waits))}"
        f" to {words.length(max(waits))}."
        for who, waits in ((f"{short} answers you", theirs), (f"You answer {short}", ours))
        if waits
    ]
    drawn = [
        svg.text(0, 12, f"{short} answers"),
        svg.text(0, 134, "you answer"),
        '<path class="rule" d="M0 62H340"/>',
    ]
    for hours, label in ((1, "1 h"), (6, "6 h"), (24, "1 day"), (72, "3 d"), (168, "7 d")):
        at = _x(hours * words.HOUR)
        drawn.append(f'<path class="rule" d="M{svg.n(at)} 58v8"/>' + svg.text(at, 81, label, "tm"))
    drawn += _dots(theirs, (46, 37), "m", 3.4) + _dots(ours, (97, 106), "mo-x", 3)
    for waits, bar, height in ((theirs, "8V60", 18), (ours, "88V134", 134)):
        if waits:
            at = _x(_median(waits))
            drawn.append(f'<path class="axis" d="M{svg.n(at)} {bar}"/>')
            css, place = ("ti te", at - 6) if at > 262 else ("ti", at + 6)
            drawn.append(svg.text(place, height, words.length(_median(waits)), css))
    return svg.safe(svg.image("slim", 340, 138, "rt", "How long each waits. " + " ".join(said), drawn))


def _median(waits: Sequence[Micros]) -> Micros:
    ordered = sorted(waits)
    return ordered[(len(ordered) - 1) // 2]


def _x(wait: Micros) -> float:
    return min(336.0, max(4.0, 81.6 + 109 * math.log10(max(wait, 1) / words.HOUR)))


def _dots(waits: Sequence[Micros], rows: tuple[int, int], css: str, radius: float) -> list[str]:
    """At most sixty dots, the quantiles of all where there are more."""
    ordered = sorted(waits)
    if len(ordered) > MOST_DOTS:
        ordered = [ordered[index * (len(ordered) - 1) // (MOST_DOTS - 1)] for index in range(MOST_DOTS)]
    return [
        f'<circle class="{css}" cx="{svg.n(_x(wait))}" cy="{rows[index % 2]}" r="{radius}"/>'
        for index, wait in enumerate(ordered)
    ]
