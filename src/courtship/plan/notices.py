"""Rules of what the owner is told: which events match, and when a message is due. Pure; *now* is given.

An event is told of once for a rule. At once means: when it is noticed, or at the end of the quiet hours.
Gathered means: at the next morning (of every day, or of one weekday) by the owner's clock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

from courtship.errors import NotAllowed
from courtship.model import DAY, Micros
from courtship.vocabulary import KINDS

On = Literal["act", "share", "new", "stage", "waiting", "quiet", "report"]
"""What a rule is about: an ``act`` of somebody's towards the brand, a ``share`` (or quote or recommendation),
somebody ``new``, a change of ``stage``, words ``waiting`` for an answer, somebody gone ``quiet``, or
the ``report`` on the goals of a week that is over."""
When = Literal["at once", "daily", "weekly"]

ON: Final[tuple[On, ...]] = get_args(On)
WHEN: Final[tuple[When, ...]] = get_args(When)
SHARES: Final = frozenset({"share", "quote", "endorse"})
HOUR: Final[Micros] = DAY // 24
FRESH: Final[Micros] = DAY
"""What happened longer ago than this when it is heard of is not told of at once."""
FRESH_GATHERED: Final[Micros] = 7 * DAY
"""The same for what is gathered."""
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Empty ``kinds``, ``stages`` or ``platforms`` mean all; ``who`` is ``""`` (everybody),
    ``tag:NAME`` or a person's id. ``stages`` is where they stand, of a change where they come to. ``to`` is
    the name of an address. ``since`` is when the rule was set: what is older is not told of. A ``report`` is
    about nobody and weekly, whatever else is said."""

    id: str
    on: On
    to: str
    when: When = "at once"
    who: str = ""
    kinds: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    hours: int = 4
    since: Micros = 0

    @property
    def gathered(self) -> bool:
        """Whether it waits for the morning."""
        return self.when != "at once"

    def detail(self) -> dict[str, Any]:
        """As the decision ``rule.set`` holds it."""
        return {
            "on": self.on,
            "to": self.to,
            "when": self.when,
            "who": self.who,
            "kinds": list(self.kinds),
            "stages": list(self.stages),
            "platforms": list(self.platforms),
            "hours": self.hours,
        }


def rule_of(id: str, detail: Mapping[str, Any], since: Micros) -> Rule:
    """The rule that a decision holds. Raises NotAllowed, in words for the owner, for one that is none."""
    on, when = str(detail.get("on", "")), str(detail.get("when") or "at once")
    if on not in ON:
        raise NotAllowed(f"{on!r} is nothing to be told of; use one of: {', '.join(ON)}")
    if when not in WHEN:
        raise NotAllowed(f"{when!r} is no time to be told; use one of: {', '.join(WHEN)}")
    kinds = tuple(str(one) for one in detail.get("kinds") or ())
    if wrong := sorted(set(kinds) - set(KINDS)):
        raise NotAllowed(f"{wrong[0]!r} is no kind of act; use one of: {', '.join(KINDS)}")
    hours = detail.get("hours", 4)
    if not isinstance(hours, int) or isinstance(hours, bool) or not 1 <= hours <= 720:
        raise NotAllowed("Hours of waiting are a whole number from 1 to 720.")
    if not detail.get("to"):
        raise NotAllowed("A rule needs an address to tell; add one first, then name it.")
    if on == "report":
        return Rule(id, on, str(detail["to"]), "weekly", since=since)
    return Rule(
        id,
        on,
        str(detail["to"]),
        when,
        str(detail.get("who") or ""),
        kinds,
        tuple(str(one) for one in detail.get("stages") or ()),
        tuple(str(one) for one in detail.get("platforms") or ()),
        hours,
        since,
    )


class Event(NamedTuple):
    """Something that a rule may be about. ``on`` as in rules (``act`` for shares, too); ``at`` when it
    happened or became so; ``stage`` where the person stands now, of a change where they came to (``after``).
    ``name`` tells it from every other: the same event has the same name however it came to be known.
    """

    on: str
    name: str
    person: str
    at: Micros
    kind: str = ""
    platform: str = ""
    stage: str = ""
    before: str = ""
    record: int = 0
    hours: int = 0


def event_name(*parts: object) -> str:
    """A digest that names an event: 16 hexadecimal digits of BLAKE2b."""
    return blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).hexdigest()


def matches(rule: Rule, event: Event, tags: Collection[str], now: Micros) -> bool:
    """Whether ``rule`` tells of ``event``; ``tags`` are the person's. What happened before the rule was set,
    or too long before it was heard of (a back-fill), is not told of."""
    if event.at < rule.since or event.at > now:
        return False
    if now - event.at > (FRESH_GATHERED if rule.gathered else FRESH):
        return False
    if rule.on == "share":
        if event.on != "act" or event.kind not in SHARES:
            return False
    elif rule.on != event.on:
        return False
    if rule.on == "waiting" and event.hours != rule.hours:
        return False
    if rule.kinds and event.kind not in rule.kinds and rule.on in ("act", "share", "waiting"):
        return False
    if rule.stages and event.stage not in rule.stages:
        return False
    if rule.platforms and event.platform and event.platform not in rule.platforms:
        return False
    if rule.who.startswith("tag:"):
        return rule.who.removeprefix("tag:") in tags
    return not rule.who or rule.who == event.person


@dataclass(frozen=True, slots=True)
class Hours:
    """The owner's hours: quiet from ``quiet_from`` to ``quiet_to`` (minutes of the day, equal: never), the
    morning of what is gathered, the weekday of the weekly one (0: Monday), all in ``zone``."""

    zone: str = "UTC"
    quiet_from: int = 22 * 60
    quiet_to: int = 7 * 60
    morning: int = 8 * 60
    weekday: int = 0

    @classmethod
    def of(cls, zone: str, values: Mapping[str, Any]) -> Hours:
        """From the settings ``notices.quiet_from``, ``.quiet_to``, ``.morning`` ("HH:MM") and ``.weekday``;
        what is none of these is left at its default."""

        def minute(name: str, otherwise: int) -> int:
            found = clock_minutes(str(values.get(f"notices.{name}", "")))
            return otherwise if found is None else found

        day = str(values.get("notices.weekday", "")).lower()
        usual = cls()
        return cls(
            zone,
            minute("quiet_from", usual.quiet_from),
            minute("quiet_to", usual.quiet_to),
            minute("morning", usual.morning),
            WEEKDAYS.index(day) if day in WEEKDAYS else 0,
        )


def clock_minutes(said: str) -> int | None:
    """Minutes of the day of "HH:MM"; ``None`` for anything else.

    >>> clock_minutes("07:30"), clock_minutes("7:30"), clock_minutes("24:00")
    (450, 450, None)
    """
    hour, colon, minute = said.strip().partition(":")
    if not (colon and hour.isdecimal() and minute.isdecimal() and len(minute) == 2 and len(hour) <= 2):
        return None
    return int(hour) * 60 + int(minute) if int(hour) < 24 and int(minute) < 60 else None


def clock_said(minutes: int) -> str:
    """ "07:30"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def due_at(rule: Rule, hours: Hours, now: Micros) -> Micros:
    """When what is noticed at ``now`` is to be sent by ``rule``."""
    if rule.when == "at once":
        return after_quiet(hours, now)
    zone = ZoneInfo(hours.zone)
    local = _local(now, zone)
    for days in range(9):
        date = local.date() + timedelta(days=days)
        if rule.when == "weekly" and date.weekday() != hours.weekday:
            continue
        at = _moment(date, hours.morning, zone)
        if at > now:
            return at
    raise AssertionError("a week has every weekday")


def report_due_at(rule: Rule, hours: Hours, over: Micros, now: Micros) -> Micros:
    """When the report on a week that ended at ``over`` is to be sent: the next morning of the weekly day, or
    soon where that went by before anybody looked."""
    planned = due_at(rule, hours, over)
    return planned if planned > now else after_quiet(hours, now)


def after_quiet(hours: Hours, now: Micros) -> Micros:
    """``now``, or the end of the quiet hours that it falls into.

    Where clocks go back an hour is there twice, and is quiet both times.
    """
    zone = ZoneInfo(hours.zone)
    if not _quiet(hours, now, zone):
        return now
    today = _local(now, zone).date()
    ends = (
        _moment(today + timedelta(days=days), hours.quiet_to, zone, fold)
        for days in (0, 1, 2)
        for fold in (0, 1)
    )
    return min(at for at in ends if at >= now and not _quiet(hours, at, zone))


def _quiet(hours: Hours, at: Micros, zone: ZoneInfo) -> bool:
    local = _local(at, zone)
    minute, start, end = local.hour * 60 + local.minute, hours.quiet_from, hours.quiet_to
    return start <= minute < end if start <= end else minute >= start or minute < end


def _local(at: Micros, zone: ZoneInfo) -> datetime:
    return (_EPOCH + timedelta(microseconds=at)).astimezone(zone)


def _moment(date: Any, minutes: int, zone: ZoneInfo, fold: int = 0) -> Micros:
    local = datetime(date.year, date.month, date.day, minutes // 60, minutes % 60, tzinfo=zone, fold=fold)
    return (local - _EPOCH) // timedelta(microseconds=1)


def retry_after(tries: int) -> Micros | None:
    """How long to wait after the ``tries``-th failure; ``None``: give up (after about two days)."""
    steps = (60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600)
    return steps[tries - 1] * 1_000_000 if tries <= len(steps) else None
