"""What the queue says, in plain English. Lengths of time are floored: nothing sounds longer than it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from courtship.model import DAY, Micros

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_HOUR: Final[Micros] = DAY // 24
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SMALL: Final = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip

PLATFORM_TITLES: Final[dict[str, str]] = {
    "activitypub": "the fediverse",
    "bluesky": "Bluesky",
    "email": "e-mail",
    "googleplus": "Google+",
    "linkedin": "LinkedIn",
    "tiktok": "TikTok",
    "wordpress": "your blog",
    "x": "X",
    "youtube": "YouTube",
}


def platform_title(platform: str) -> str:
    """A platform's own spelling; "" stays ""."""
    return PLATFORM_TITLES.get(platform, platform[:1].upper() + platform[1:])


def on_platform(platform: str) -> str:
    """ " on Instagram"; "" where the platform says nothing (logged by hand, unknown)."""
    return f" on {platform_title(platform)}" if platform not in {"", "hand", "email"} else ""


def plural(count: int, one: str, many: str = "") -> str:
    """``plural(2, "comment")`` is "2 comments"; from 1,000 on with a comma."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def small(count: int) -> str:
    """A count as a word up to twelve: "three"; else as a figure."""
    return _SMALL[count] if 0 <= count < len(_SMALL) else f"{count:,}"


def length(span: Micros) -> str:
    """A length of time, floored to one unit: "5 hours", "2 days", "3 weeks", "4 months", "2 years"."""
    if span < _HOUR:
        return "less than an hour"
    if span < 2 * DAY and span // _HOUR < 36:
        return plural(span // _HOUR, "hour")
    days = span // DAY
    if days < 14:
        return plural(days, "day")
    if days < 70:
        return plural(days // 7, "week")
    if days < 730:
        return plural(days * 12 // 365, "month")
    return plural(days // 365, "year")


def every(span: Micros) -> str:
    """A rhythm: "every day", "every 3 weeks", "every 10 days"."""
    days = max(1, span // DAY)
    if days == 1:
        return "every day"
    if days == 7:
        return "every week"
    if days % 7 == 0 and days <= 84:
        return f"every {days // 7} weeks"
    return f"every {days} days"


class Calendar:
    """Days as the owner's clock shows them. ``now`` settles "today" and which year goes without saying."""

    def __init__(self, zone: str, now: Micros) -> None:
        """``zone`` is an IANA name, as in the policy; ``KeyError`` (ZoneInfoNotFoundError) if it is none."""
        self._zone = ZoneInfo(zone)
        self.now = now
        self._today = self._local(now)

    def _local(self, at: Micros) -> datetime:
        return (_EPOCH + timedelta(microseconds=at)).astimezone(self._zone)

    def day(self, at: Micros) -> str:
        """ "30 September"; with the year where it is not this one."""
        local = self._local(at)
        said = f"{local.day} {_MONTHS[local.month - 1]}"
        return said if local.year == self._today.year else f"{said} {local.year}"

    def ago(self, at: Micros) -> str:
        """ "today", "yesterday", "9 days ago", "on 30 September" beyond two weeks."""
        days = (self._today.date() - self._local(at).date()).days
        if days <= 0:
            return "today"
        if days == 1:
            return "yesterday"
        return f"{days} days ago" if days < 14 else f"on {self.day(at)}"

    def next_morning(self, days: int) -> Micros:
        """Five in the morning, ``days`` days from today, by the owner's clock: when "later" comes back."""
        date = self._today.date() + timedelta(days=days)
        local = datetime(date.year, date.month, date.day, 5, tzinfo=self._zone)
        return (local - _EPOCH) // timedelta(microseconds=1)


def listed(words: list[str] | tuple[str, ...]) -> str:
    """ "a, b and c"."""
    if not words:
        return ""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def shortened(text: str, limit: int = 60) -> str:
    """``text`` on one line, cut at a word with an ellipsis where it is longer than ``limit`` characters."""
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return flat
    cut = flat[: limit - 1]
    head, gap, _ = cut.rpartition(" ")
    return (head if gap and len(head) > limit // 2 else cut).rstrip(" ,;:.–-") + "…"


def about_post(about: str) -> str:
    """ " “Saturday’s shelf”" after "your post"; "" where the post's words are not known."""
    return f" “{shortened(about, 40)}”" if about.strip() else ""
