"""How the terminal looks: stage colours and signs, dates and spans in words.

Colour means stage, and nothing else. The hues are those of the web pages, at a lightness that keeps 3:1
against both black and white, since a terminal does not say which it is. Where there is no colour the sign
and the word still carry the stage.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from courtship.model import DAY, Micros

STONE: Final = "#958d85"
AMBER: Final = "#c07a0c"
BLUE: Final = "#2a83a5"
PLUM: Final = "#a84f98"
SLATE: Final = "#74747e"

HATCH: Final = "╱"
"""Hatching means "not seen", here as on the pages."""

MEANING: Final[dict[str, str]] = {
    "aware": "have met you",
    "like": "show interest",
    "know": "talk with you",
    "trust": "have introduced you",
    "parted": "a block stands",
}
"""What each stage of the default ladder says of people."""

PLATFORMS: Final[dict[str, str]] = {
    "activitypub": "the fediverse",
    "blog": "your blog",
    "bluesky": "Bluesky",
    "email": "e-mail",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "linkedin": "LinkedIn",
    "mastodon": "Mastodon",
    "pinterest": "Pinterest",
    "threads": "Threads",
    "tiktok": "TikTok",
    "wordpress": "your blog",
    "x": "X",
    "youtube": "YouTube",
}

_SIGNS: Final = ("○ ◌", "●○", "◎", "●")
_HUES: Final = (STONE, AMBER, BLUE, PLUM)
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _rung(stage: str, ladder: Sequence[str]) -> int:
    """0 to 3: where ``stage`` stands between ``aware`` and the top of its ladder, whatever its length."""
    if stage not in ladder:
        return 0
    if len(ladder) == 1:
        return 3
    return 1 + round(2 * ladder.index(stage) / (len(ladder) - 1))


def sign(stage: str, ladder: Sequence[str]) -> str:
    """Two rings coming closer: one still a guess, touching, overlapping, one; a bar between when parted."""
    return "○|○" if stage == "parted" else _SIGNS[_rung(stage, ladder)]


def hue(stage: str, ladder: Sequence[str]) -> str:
    """The stage's colour, as rich takes it."""
    return SLATE if stage == "parted" else _HUES[_rung(stage, ladder)]


def platform_of(address: str) -> str:
    """The platform of an account, as people call it."""
    name = address.partition(":")[0]
    return PLATFORMS.get(name, name.capitalize())


def moment(at: Micros) -> datetime:
    """``at`` as a datetime in UTC."""
    return _EPOCH + timedelta(microseconds=at)


def day(at: Micros) -> str:
    """``17 November 2026``."""
    when = moment(at)
    return f"{when.day} {when:%B %Y}"


def short_day(at: Micros) -> str:
    """``17 Nov 2026``."""
    when = moment(at)
    return f"{when.day} {when:%b %Y}"


def span(length: Micros) -> str:
    """A length of time in the one unit that says enough: ``27 hours``, ``5 days``, ``two years``."""
    minutes = length // 60_000_000
    for size, unit in ((730 * 1440, "years"), (90 * 1440, "months"), (2 * 1440, "days"), (120, "hours")):
        if minutes >= size:
            each = {"years": 365 * 1440, "months": 30 * 1440, "days": 1440, "hours": 60}[unit]
            return f"{(minutes + each // 2) // each} {unit}"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def ago(at: Micros, now: Micros) -> str:
    """``today``, ``yesterday`` or ``12 days ago``, by whole days."""
    days = (now - at) // DAY
    if days < 1:
        return "today"
    return "yesterday" if days == 1 else f"{span(days * DAY)} ago"


def number(amount: int) -> str:
    """``1,318``."""
    return f"{amount:,}"


def people(amount: int) -> str:
    """``1 person`` or ``36 people``."""
    return "1 person" if amount == 1 else f"{amount:,} people"


def listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def clean(text: str) -> str:
    """``text`` for a terminal: others wrote it, and what they write must not steer the screen.

    Control characters (escape sequences begin with one) and marks that turn the direction of what follows
    become spaces.
    """
    return "".join(
        " " if unicodedata.category(one) in ("Cc", "Cs") or one in _TURNING else one for one in text
    )


def cut(text: str, length: int) -> str:
    """One clean line of at most ``length`` characters; an ellipsis says that there was more."""
    one_line = " ".join(clean(text).split())
    return one_line if len(one_line) <= length else one_line[: length - 1].rstrip() + "…"
