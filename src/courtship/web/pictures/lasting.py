"""How long a stage lasts: the share still in it, falling in steps, with its band; one curve a stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from courtship.web import words
from courtship.web.frame import FRAME, Frame
from courtship.web.pictures import svg


@dataclass(frozen=True, slots=True)
class Curve:
    """After ``days[k]`` the share ``share[k]`` is left, surely between ``low[k]`` and ``high[k]``."""

    stage: str
    days: Sequence[int]
    share: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    median: int | None


def picture(curves: Sequence[Curve], last: int) -> SafeString:
    """Both drawings, over the days from 0 to ``last``."""
    frame = FRAME.get()
    return svg.safe(_drawing(curves, last, frame, False), _drawing(curves, last, frame, True))


def _drawing(curves: Sequence[Curve], last: int, frame: Frame, tall: bool) -> str:
    width, left, top, bottom = (300, 40.0, 12.0, 220.0) if tall else (860, 48.0, 14.0, 244.0)
    right = width - (10.0 if tall else 92.0)

    def x(day: int) -> float:
        return left + min(day, last) / max(last, 1) * (right - left)

    def y(share: float) -> float:
        return bottom - share * (bottom - top)

    drawn: list[str] = []
    for part, label in ((0.0, "0"), (0.5, "half"), (1.0, "all")):
        drawn.append(f'<path class="rule faded" d="M{svg.n(left)} {svg.n(y(part))}H{svg.n(right)}"/>')
        drawn.append(svg.text(left - 6, y(part) + 4, label, "te"))
    step = next((d for d in (7, 30, 90, 180, 365, 730) if last / d <= (4 if tall else 10)), 1460)
    drawn += [svg.text(x(day), bottom + 18, f"{day:,}", "tm") for day in range(0, last + 1, step)]
    drawn.append(svg.text(right, bottom + 34, "days in the stage", "te"))
    floor = bottom + 16
    ends = sorted(curves, key=lambda curve: curve.share[-1] if curve.share else 1.0)
    for curve in ends:
        tone = frame.tone(curve.stage)
        upper = _steps(curve.days, curve.high, x, y, last)
        lower = _steps(curve.days, curve.low, x, y, last)
        band = "M" + "L".join([*upper, *reversed(lower)]) + "Z"
        drawn.append(f'<path class="band {tone}" d="{band}"/>')
        line = "M" + "L".join(_steps(curve.days, curve.share, x, y, last))
        drawn.append(f'<path class="curve {tone}" d="{line}"/>')
        if not tall:
            end = curve.share[-1] if curve.share else 1.0
            floor = min(y(end) + 4, floor - 15)
            drawn.append(svg.text(right + 8, floor, curve.stage, f"ts {tone}"))
    key, css = ("lt", "tall") if tall else ("ll", "long")
    said = " ".join(_said(curve) for curve in curves)
    return svg.image(css, width, bottom + 40, key, f"How long stages last. {said}", drawn)


def _steps(days: Sequence[int], shares: Sequence[float], x, y, last: int) -> list[str]:  # type: ignore[no-untyped-def]
    points, held = [f"{svg.n(x(0))} {svg.n(y(1.0))}"], 1.0
    for day, share in zip(days, shares, strict=True):
        points += [f"{svg.n(x(day))} {svg.n(y(held))}", f"{svg.n(x(day))} {svg.n(y(share))}"]
        held = share
    return [*points, f"{svg.n(x(last))} {svg.n(y(held))}"]


def _said(curve: Curve) -> str:
    if curve.median is None:
        return f"More than half are still at {curve.stage}."
    return f"Half have left {curve.stage} after {words.plural(curve.median, 'day')}."
