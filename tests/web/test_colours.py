"""The colours of the look: apart for every common colour blindness, dark enough for text, ordered in grey."""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path

import courtship.web

SHEET = (Path(courtship.web.__file__).parent / "static" / "courtship" / "look.css").read_text(
    encoding="utf-8"
)
STAGES = ("aware", "like", "know", "trust")
Colour = tuple[float, float, float]

# Machado, Oliveira, Fernandes (2009), "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", table 1, severity 1.0; on linear RGB.
BLIND: dict[str, tuple[Colour, Colour, Colour]] = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}


def token(name: str, theme: int) -> Colour:
    """The colour of a token, linear RGB; theme 0 is light, 1 dark."""
    found = re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\)", SHEET)
    assert found, name
    digits = found[theme + 1][1:]
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    values = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    a, b, c = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return a, b, c


def luminance(colour: Colour) -> float:
    """Relative luminance (WCAG 2.2)."""
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def contrast(one: Colour, two: Colour) -> float:
    """Contrast ratio (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def seen(colour: Colour, kind: str) -> Colour:
    """The colour as it is seen with a deficiency, linear RGB."""
    a, b, c = (
        min(1.0, max(0.0, sum(m * v for m, v in zip(row, colour, strict=True)))) for row in BLIND[kind]
    )
    return a, b, c


def lab(colour: Colour) -> Colour:
    """CIE L*a*b*, D65."""
    r, g, b = colour
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
    )
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def apart(one: Colour, two: Colour) -> float:
    """The CIE76 difference; 2.3 is just noticeable."""
    return math.dist(lab(one), lab(two))


def test_marks_of_any_two_stages_are_apart_for_every_common_colour_blindness() -> None:
    for kind, theme, (one, two) in itertools.product(BLIND, (0, 1), itertools.combinations(STAGES, 2)):
        difference = apart(seen(token(one, theme), kind), seen(token(two, theme), kind))
        assert difference > 15, (kind, theme, one, two, round(difference, 1))


def test_text_is_dark_enough_on_paper_and_on_its_wash() -> None:
    for theme in (0, 1):
        for ink in ("ink", "ink-2", "ink-3"):
            assert contrast(token(ink, theme), token("paper", theme)) >= 4.5, (ink, theme)
        for stage in (*STAGES, "parted"):
            assert contrast(token(stage, theme), token("paper", theme)) >= 3, (stage, theme)
            assert contrast(token(f"{stage}-ink", theme), token(f"{stage}-wash", theme)) >= 4.5, (
                stage,
                theme,
            )


def test_in_grey_the_washes_keep_the_order_of_the_ladder() -> None:
    light = [luminance(token(f"{stage}-wash", 0)) for stage in STAGES]
    assert light == sorted(light, reverse=True)
