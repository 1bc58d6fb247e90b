"""The made-up business: where it is, what each place shows of it, and when it posted what.

Kettlewick Bread is a neighbourhood bakery on five platforms. Posts follow the week of a baker: early on
Tuesday, Wednesday, Friday and Saturday, a poll now and then, a longer piece on the blog every nine days or
so, told of elsewhere, and a short story on Instagram on most days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from courtship.demo.draw import Draws, Flags, Ints
from courtship.model import Address, Coverage, Micros
from courtship.vocabulary import KINDS, Seen

SECOND: Final = 1_000_000
DAY: Final = 86_400
"""Seconds in a day: times in the simulation are whole seconds."""

YEARS_OF_DAYS: Final = 730

INSTAGRAM, MASTODON, FACEBOOK, BLOG, X = range(5)
PLATFORMS: Final = ("instagram", "mastodon", "facebook", "wordpress", "x")

BRAND: Final[tuple[Address, ...]] = (
    "instagram:kettlewickbread",
    "mastodon:kettlewick@crumb.example",
    "facebook:100063340071871",
    "wordpress:kettlewick.example",
    "x:871340063",
)
"""The brand's account on each platform."""

ENDED_DAYS_AGO: Final = (48, 0, 0, 0, 9)
"""How long ago what is seen of each platform ends: the Instagram export is an old one, that of X is not."""

CONNECTED_DAYS_AGO: Final = 400
"""Since when the Mastodon account is connected; what is older comes from its archive."""

TEXT, IMAGE, VIDEO, LINK, POLL, ALBUM, STORY = range(7)
MEDIA: Final = ("text", "image", "video", "link", "poll", "album", "story")


@dataclass(frozen=True, slots=True)
class Posts:
    """The brand's posts in order of time: one row a post and platform. Times are seconds since 1970."""

    at: Ints
    platform: Ints
    topic: Ints
    media: Ints
    tale: Ints
    """What was told: the same on several platforms at once has one number."""

    def __len__(self) -> int:
        return len(self.at)


def posts(until: int, topics: int, draws: Draws) -> Posts:
    """What the bakery posted in the two years before ``until`` (and three weeks more, to begin with)."""
    days = np.arange(until // DAY - YEARS_OF_DAYS - 21, until // DAY + 1)
    weekday = (days + 3) % 7
    chance = np.array([0.25, 0.8, 0.75, 0.35, 0.85, 0.95, 0.4])[weekday]
    rows: list[tuple[Ints, Ints, Ints, Ints, Ints]] = []
    tale = 0

    def tell(on: Ints, hour: float, spread: float, media: Ints, places: tuple[float, ...]) -> None:
        nonlocal tale
        n = len(on)
        topic = _topics(on, topics, draws)
        at = on * DAY + (hour * 3600 + draws.uniform(n) * spread * 3600).astype(np.int64)
        number = tale + np.arange(n)
        tale += n
        for platform, share in enumerate(places):
            there = draws.chance(share, n)
            late = draws.below(900, n)
            here = np.full(n, platform)
            rows.append(tuple(column[there] for column in (at + late, here, topic, media, number)))  # type: ignore[arg-type]

    on = days[draws.chance(chance, len(days))]
    kinds = np.array([TEXT, IMAGE, VIDEO, ALBUM])[draws.choose([0.15, 0.6, 0.12, 0.13], len(on))]
    tell(on, 4.8, 3.5, kinds, (0.85, 0.7, 0.7, 0.0, 0.45))
    on = days[draws.chance(1 / 16, len(days))]
    tell(on, 17.0, 2.0, np.full(len(on), POLL), (0.8, 0.8, 0.2, 0.0, 0.3))
    on = days[draws.chance(1 / 9, len(days))]
    tell(on, 12.0, 3.0, np.full(len(on), LINK), (0.3, 0.9, 0.8, 1.0, 0.7))
    on = days[draws.chance(0.8, len(days))]
    tell(on, 4.0, 12.0, np.full(len(on), STORY), (1.0, 0.0, 0.0, 0.0, 0.0))

    at, platform, topic, media, number = (np.concatenate(column) for column in zip(*rows, strict=True))
    order = np.lexsort((platform, at))
    order = order[at[order] < until]
    return Posts(at[order], platform[order], topic[order], media[order], number[order])


def _topics(on: Ints, topics: int, draws: Draws) -> Ints:
    """What each day's post is about: all topics alike, the festive one (the tenth) in its season."""
    day_of_year = on % 365
    weights = np.ones((2, topics))
    weights[1, 9] = 4.0
    weights[0, 9] = 0.4
    festive = ((day_of_year > 325) | (day_of_year < 8) | ((day_of_year > 75) & (day_of_year < 105))).astype(
        np.int64
    )
    return draws.choose_rows(weights, festive)


def coverage(until: Micros) -> list[Coverage]:
    """What each of the five sources declares that it can show."""
    out: list[Coverage] = []

    def say(
        platform: int, inbound: dict[str, Seen], outbound: Seen, start: Micros | None, end: Micros
    ) -> None:
        for kind in KINDS:
            out.append(Coverage(BRAND[platform], kind, "inbound", inbound.get(kind, "none"), start, end))
            out.append(Coverage(BRAND[platform], kind, "outbound", outbound, start, end))

    def ended(platform: int) -> Micros:
        return until - ENDED_DAYS_AGO[platform] * DAY * SECOND

    everything: dict[str, Seen] = dict.fromkeys(KINDS, "full")
    part: dict[str, Seen] = dict.fromkeys(("view", "like", "vote", "comment", "mention", "share"), "some")
    connected = until - CONNECTED_DAYS_AGO * DAY * SECOND
    # An export shows what the brand did, who follows and who wrote; of the rest only what was told of.
    say(
        INSTAGRAM,
        {**part, "follow": "full", "message": "full", "block": "full"},
        "full",
        None,
        ended(INSTAGRAM),
    )
    say(MASTODON, dict.fromkeys(KINDS, "some"), "full", None, connected)
    say(MASTODON, everything, "full", connected, until)
    say(FACEBOOK, everything, "full", None, until)
    say(BLOG, {"comment": "full", "quote": "some"}, "full", None, until)
    say(X, {**part, "quote": "some", "follow": "full", "message": "full"}, "full", None, ended(X))
    return out


def visible(platform: Ints, at: Ints, until: int) -> Flags:
    """Whether an act of this platform at this second is before the end of what is seen there."""
    seen: Flags = at < until - np.array(ENDED_DAYS_AGO)[platform] * DAY
    return seen
