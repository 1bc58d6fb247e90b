"""How broad one relationship is: kinds, platforms and days, what was public, and how long it has lasted."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from courtship.lifecycle.responsiveness import Told, platform
from courtship.model import Address, Micros
from courtship.vocabulary import COUNTED, TALK

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Heard(Told, Protocol):
    """What is read of an activity beyond ``responsiveness.Told``."""

    @property
    def public(self) -> bool | None: ...
    @property
    def actor_followers(self) -> int | None: ...


class Breadth(NamedTuple):
    """What one person did towards the brand, as far as it still stands.

    ``kinds`` and ``platforms`` count activities, follows and blocks left out; ``days`` the calendar days
    of the precise ones. Of the talk, ``public``, ``private`` and ``unsaid`` count what everybody could
    read, what not, and what no source says; ``audience`` is the largest number of followers that the
    person had at a public one, ``None`` where none is known. ``tenure`` is the time since the first
    activity in either direction. ``before_like`` and ``before_word`` are the times from the first inbound
    act of any kind to the first ``like`` and to the first talk, ``None`` without one; they are lower bounds
    where ``at_least`` (the first act's date is not precise).
    """

    kinds: dict[str, int]
    platforms: dict[str, int]
    days: int
    public: int
    private: int
    unsaid: int
    audience: int | None
    tenure: Micros
    before_like: Micros | None
    before_word: Micros | None
    at_least: bool

    @property
    def public_per_cent(self) -> int | None:
        """The public share of the talk of which it is known, in whole per cent, down."""
        known = self.public + self.private
        return 100 * self.public // known if known else None


def breadth(
    activities: Iterable[Heard], brand: Collection[Address], at: Micros, zone: ZoneInfo | None = None
) -> Breadth | None:
    """The breadth of one relationship as of ``at``; ``None`` where the two have not met.

    ``activities`` are those of all of the person's accounts with all of the brand's, in any order;
    ``zone`` is the policy's, whose calendar days count (UTC without one).
    """
    known = sorted(
        (act for act in activities if act.at <= at and (act.target in brand) != (act.actor in brand)),
        key=lambda act: (act.at, act.kind, act.actor, act.target),
    )
    if not known:
        return None
    inbound = [act for act in known if act.target in brand]
    standing = [act for act in inbound if act.ended is None or max(act.ended, act.at) > at]
    counted = [act for act in standing if act.kind in COUNTED]
    talk = [act for act in standing if act.kind in TALK]
    public = [act for act in talk if act.public]
    followers = [act.actor_followers for act in public if act.actor_followers is not None]
    days = {
        (_EPOCH + timedelta(microseconds=act.at)).astimezone(zone or UTC).date()
        for act in counted
        if act.precise
    }
    return Breadth(
        kinds=_counts(act.kind for act in counted),
        platforms=_counts(platform(act.actor) for act in counted),
        days=len(days),
        public=len(public),
        private=sum(act.public is False for act in talk),
        unsaid=sum(act.public is None for act in talk),
        audience=max(followers, default=None),
        tenure=at - known[0].at,
        before_like=_watched(inbound, {"like"}),
        before_word=_watched(inbound, TALK),
        at_least=bool(inbound) and not inbound[0].precise,
    )


def _counts(names: Iterable[str]) -> dict[str, int]:
    """How often each occurs, most often first, then by name."""
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def _watched(inbound: list[Heard], kinds: Collection[str]) -> Micros | None:
    """From the first act to the first precise one of ``kinds``."""
    first = next((act.at for act in inbound if act.kind in kinds and act.precise), None)
    return None if first is None else first - inbound[0].at
