"""How numbers, moments and lengths of time are said. English, plain, no locale of the machine's."""

from __future__ import annotations

from courtship.model import DAY, Micros
from courtship.web.frame import FRAME, Frame

MONTHS = tuple(
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
HOUR: Micros = 3_600_000_000
MINUTE: Micros = 60_000_000
SMALL = tuple("no one two three four five six seven eight nine ten eleven twelve".split())  # noqa: SIM905

PLATFORMS = {
    "activitypub": "the fediverse",
    "blog": "your blog",
    "bluesky": "Bluesky",
    "email": "e-mail",
    "facebook": "Facebook",
    "googleplus": "Google+",
    "hand": "by hand",
    "instagram": "Instagram",
    "linkedin": "LinkedIn",
    "mastodon": "Mastodon",
    "pinterest": "Pinterest",
    "threads": "Threads",
    "tiktok": "TikTok",
    "web": "the web",
    "wordpress": "WordPress",
    "x": "X",
    "youtube": "YouTube",
}


def platform_title(platform: str) -> str:
    """A platform's own spelling: ``mastodon`` is "Mastodon"."""
    return PLATFORMS.get(platform, platform.capitalize())


def number(value: int) -> str:
    """1318 is "1,318"."""
    return f"{value:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """``plural(2, "person", "people")`` is "2 people"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def counted(count: int) -> str:
    """A count as a word up to twelve, as a sentence begins with it: 3 is "Three"."""
    return SMALL[count].capitalize() if 0 <= count < len(SMALL) else number(count)


def day(at: Micros, *, year: bool | None = None, frame: Frame | None = None) -> str:
    """ "14 September 2026"; without the year where it is the page's own, unless ``year`` says."""
    frame = frame or FRAME.get()
    local = frame.local(at)
    said = f"{local.day} {MONTHS[local.month - 1]}"
    if year is None:
        year = local.year != frame.local(frame.now).year
    return f"{said} {local.year}" if year else said


def short_day(at: Micros, frame: Frame | None = None) -> str:
    """ "14 Sep 2026"."""
    local = (frame or FRAME.get()).local(at)
    return f"{local.day} {MONTHS[local.month - 1][:3]} {local.year}"


def clock(at: Micros, frame: Frame | None = None) -> str:
    """ "7:52"."""
    local = (frame or FRAME.get()).local(at)
    return f"{local.hour}:{local.minute:02d}"


def iso(at: Micros, frame: Frame | None = None) -> str:
    """The day as ISO 8601, for ``datetime`` attributes and date fields."""
    return (frame or FRAME.get()).local(at).date().isoformat()


def length(span: Micros) -> str:
    """A length of time to one figure that helps: "24 minutes", "5 hours", "2 days", "10 weeks"."""
    for unit, name, until in (
        (MINUTE, "minute", 90 * MINUTE),
        (HOUR, "hour", 36 * HOUR),
        (DAY, "day", 60 * DAY),
        (7 * DAY, "week", 200 * DAY),
    ):
        if span < until:
            return plural(max(1, (span + unit // 2) // unit), name)
    if span < 700 * DAY:
        return plural(max(1, round(span / (30.44 * DAY))), "month")
    return plural(max(1, round(span / (365.25 * DAY))), "year")


def rhythm(days: int) -> str:
    """ "every 3 weeks" for 21 days, "every 10 days"."""
    if days == 1:
        return "every day"
    said = "week" if days == 7 else plural(days // 7, "week") if days % 7 == 0 else f"{days} days"
    return f"every {said}"


def ago(at: Micros, frame: Frame | None = None) -> str:
    """ "today", "yesterday", "3 days ago", by calendar days of the page's zone."""
    frame = frame or FRAME.get()
    days = (frame.local(frame.now).date() - frame.local(at).date()).days
    if days <= 0:
        return "today"
    return "yesterday" if days == 1 else f"{length(days * DAY)} ago"


def listed(words: list[str]) -> str:
    """ "a, b and c"."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else ""
