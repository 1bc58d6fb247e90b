"""Any table of who did what when -> activities, by a mapping that the owner has chosen.

A mapping is written ``actor=Name,at=Date,kind=comment``: a part and the column it is read from, or what it
always is. A column whose name has commas, or is itself a kind of act, is written in brackets:
``kind=[Comment]``. ``kind.WORD=comment`` says what a word of the table's own means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from courtship.addresses import is_address
from courtship.model import Activity, Address, Micros, Profile, Record
from courtship.platforms import mastodon, words
from courtship.platforms.loose_dates import Order, ambiguous, moment, order_of
from courtship.vocabulary import KINDS

PARTS: Final[Mapping[str, str]] = {
    "at": "the date (and time)",
    "actor": "who: a handle, a profile's address, an e-mail address or a name",
    "actor_name": "the person's name, beside a handle",
    "platform": "the platform",
    "kind": "what was done",
    "direction": "who did it to whom: in (they did) or out (we did)",
    "text": "the words",
    "url": "its web address",
    "object": "the post it is about",
    "id": "a number or code that is never used twice",
}
"""What a row may say, each from a column or always the same, in words for a question."""

FURTHER: Final = ("us", "dates")
"""Always the same: the brand's own account, and ``dmy`` or ``mdy``."""

_SAID: Final[Mapping[str, str]] = {
    "follow": "follow followed follows follower new-follower fan page-like subscribe subscribed subscriber"
    " connection folgt abonniert suit abonné sigue seguidor",
    "view": "view viewed story-view profile-view",
    "like": "like liked likes favourite favorite favourited favorited fav heart reaction reacted +1 upvote"
    " gefällt-mir me-gusta",
    "vote": "vote voted poll poll-vote",
    "comment": "comment commented comments reply replied replies answer answered response kommentar antwort"
    " commentaire réponse comentario respuesta",
    "mention": "mention mentioned mentions tag tagged erwähnung mención",
    "message": "message messaged messages dm dms direct-message private-message pm inbox chat nachricht",
    "share": "share shared shares retweet retweeted rt repost reposted reblog boost boosted repin geteilt"
    " partage partagé compartido",
    "quote": "quote quoted quote-tweet quote-post trackback pingback",
    "endorse": "endorse endorsed recommendation recommended testimonial empfehlung",
    "block": "block blocked",
}
EVENTS: Final[Mapping[str, str]] = {word: kind for kind, said in _SAID.items() for word in said.split()}
"""Words for what was done, in small letters, blanks as hyphens. A review is not among them: it may be a bad
one."""

_IN: Final = frozenset({"in", "inbound", "incoming", "received", "they", "them", "customer", "fan", "user"})
_OUT: Final = frozenset({"out", "outbound", "outgoing", "sent", "we", "us", "brand", "page", "own", "agent"})

PLATFORMS: Final[Mapping[str, str]] = {
    "twitter": "x",
    "x (twitter)": "x",
    "ig": "instagram",
    "fb": "facebook",
    "facebook page": "facebook",
    "facebook messenger": "facebook",
    "messenger": "facebook",
    "linkedin page": "linkedin",
    "yt": "youtube",
    "e-mail": "email",
    "mail": "email",
    "bsky": "bluesky",
    "fediverse": "mastodon",
}
"""Other names of platforms."""

_HOSTS: Final = {
    "twitter.com": "x",
    "x.com": "x",
    "instagram.com": "instagram",
    "facebook.com": "facebook",
    "linkedin.com": "linkedin",
    "tiktok.com": "tiktok",
    "pinterest.com": "pinterest",
    "threads.net": "threads",
    "threads.com": "threads",
    "reddit.com": "reddit",
    "youtube.com": "youtube",
}
_PROFILE: Final = re.compile(
    r"https?://(?:www\.|m\.|mobile\.|[a-z]{2}\.)?([a-z]+\.[a-z]+)/(?:in/|user/|u/|_u/|channel/)?@?([\w.-]+)/?(?:[?#].*)?",
    re.IGNORECASE,
)
_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_HANDLE: Final = re.compile(r"@?[\w.-]+")
_ONE: Final = re.compile(r"\s*([\w.+' -]+?)\s*=\s*(\[[^\]]*\]|[^,]*)\s*(?:,|$)")

_HEADERS: Final[Mapping[str, str]] = {
    "at": "date time timestamp created created_at datetime when datum zeit fecha data published sent",
    "actor": "handle username user who screen_name account author from sender profile person user_name userid"
    " nutzer usuario utilisateur email e-mail",
    "actor_name": "name full_name display_name customer contact author_name",
    "platform": "platform network channel source plattform netzwerk red réseau",
    "kind": "type event kind what action activity interaction message_type engagement art tipo",
    "direction": "direction richtung dirección",
    "text": "text message comment content body note words nachricht kommentar texto inhalt",
    "url": "url link permalink address",
    "object": "post object post_url post_id parent in_reply_to subject",
    "id": "id message_id event_id comment_id",
}


@dataclass(frozen=True, slots=True)
class CsvMap:
    """A chosen mapping. ``columns`` and ``always`` are by part; ``meant`` are the table's own words."""

    columns: Mapping[str, str] = field(default_factory=dict)
    always: Mapping[str, str] = field(default_factory=dict)
    meant: Mapping[str, str] = field(default_factory=dict)

    def written(self) -> str:
        """As text, such that ``parsed(map.written(), header) == map``."""
        said = [f"{part}=[{column}]" for part, column in self.columns.items()]
        said += [f"{part}={value}" for part, value in self.always.items()]
        return ",".join([*said, *(f"kind.{word}={kind}" for word, kind in self.meant.items())])


def parsed(text: str, header: Sequence[str]) -> CsvMap:
    """A mapping for a table with that header. `ValueError` says what is wrong and what to write instead."""
    by_name = {name.strip().casefold(): name.strip() for name in header}
    columns: dict[str, str] = {}
    always: dict[str, str] = {}
    meant: dict[str, str] = {}
    end = 0
    for found in _ONE.finditer(text):
        if found.start() != end:
            break
        end = found.end()
        part, value = found[1], found[2].strip()
        if part.startswith("kind."):
            if value not in KINDS:
                raise ValueError(
                    f"{found[0].strip(' ,')}: {value!r} is no kind; known are {', '.join(KINDS)}"
                )
            meant[_word(part.removeprefix("kind."))] = value
        elif part not in PARTS and part not in FURTHER:
            raise ValueError(f"{part!r} is nothing to map; known are {', '.join((*PARTS, *FURTHER))}")
        elif value.startswith("["):
            name = value[1:-1].strip().casefold()
            if name not in by_name:
                raise ValueError(f"there is no column {value}; there are {', '.join(map(str.strip, header))}")
            columns[part] = by_name[name]
        elif part == "kind" and value in KINDS:
            always[part] = value
        elif part not in FURTHER and value.casefold() in by_name:
            columns[part] = by_name[value.casefold()]
        elif part in {"platform", "direction", "us", "dates"} and value:
            always[part] = value
        else:
            raise ValueError(f"there is no column {value!r}; there are {', '.join(map(str.strip, header))}")
    if end != len(text):
        raise ValueError(
            f"cannot be understood from {text[end : end + 30]!r} on; write part=column,part=column"
        )
    missing = [part for part in ("at", "kind") if part not in columns and part not in always]
    if "actor" not in columns and "actor_name" not in columns:
        missing.append("actor")
    if missing:
        raise ValueError(f"says nothing of {' and '.join(missing)}; add {missing[0]}=COLUMN")
    if always.get("dates") not in {None, "dmy", "mdy"}:
        raise ValueError("dates is dmy (day first) or mdy (month first)")
    if "direction" in always and always["direction"].casefold() not in _IN | _OUT:
        raise ValueError("direction is in (they did it) or out (we did)")
    if "us" in always and not is_address(always["us"]):
        raise ValueError("us is your own account, written platform:id")
    return CsvMap(columns, always, meant)


def guessed(header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """A column for each part, where the header's words or the shape of the values suggest one."""
    found: dict[str, str] = {}
    names = [name.strip() for name in header]
    simple = [re.sub(r"[\s-]+", "_", name.casefold()) for name in names]
    for part, hints in _HEADERS.items():
        for hint in hints.split():
            places = [n for n, name in enumerate(simple) if name == hint and names[n] not in found.values()]
            if places:
                found[part] = names[places[0]]
                break
    for place, name in enumerate(names):
        values = [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
        if not values or name in found.values():
            continue
        if "at" not in found and all(map(_is_date, values)):
            found["at"] = name
        elif "kind" not in found and all(_word(value) in EVENTS for value in values):
            found["kind"] = name
        elif "direction" not in found and all(value.casefold() in _IN | _OUT for value in values):
            found["direction"] = name
        elif "platform" not in found and all(_known_platform(value) for value in values):
            found["platform"] = name
        elif "actor" not in found and all(
            value.startswith("@") or _MAIL.fullmatch(value) for value in values
        ):
            found["actor"] = name
        elif "url" not in found and all(value.startswith(("http://", "https://")) for value in values):
            found["url"] = name
    return {part: found[part] for part in PARTS if part in found}


def _is_date(value: str) -> bool:
    try:
        moment(value, "dmy")
    except ValueError:
        try:
            moment(value, "mdy")
        except ValueError:
            return False
    return True


def _known_platform(value: str) -> bool:
    name = value.strip().casefold()
    return name in PLATFORMS or name in {*_HOSTS.values(), "mastodon", "email", "bluesky"}


@lru_cache(maxsize=1 << 12)
def _word(value: str) -> str:
    return re.sub(r"[\s_-]+", "-", value.strip().casefold())


@lru_cache(maxsize=1 << 12)
def platform_named(value: str) -> str:
    """``Twitter`` -> ``x``: a platform as accounts are written with it; ``""`` where there is none."""
    name = value.strip().casefold()
    return PLATFORMS.get(name) or re.sub(r"[^a-z0-9]", "", name)


@lru_cache(maxsize=1 << 16)
def person(value: str, platform: str) -> Address:
    """The account that a cell names; ``""`` where it names none.

    A handle is an account of its platform, a name alone one that is only a name (``platform:name/…``).
    """
    value = value.strip()
    if not value:
        return ""
    if is_address(value) and not value.startswith(("http:", "https:", "mailto:")) and " " not in value:
        return value
    if found := _PROFILE.fullmatch(value):
        host = _HOSTS.get(found[1].casefold())
        if host:
            return _handle(found[2], host)
    if value.startswith(("http://", "https://")):
        return mastodon.account_at(value) or f"web:{value.partition('://')[2].rstrip('/')}"
    if value.count("@") == 2 and value.startswith("@"):
        return mastodon.account(value)
    if platform == "mastodon":
        return mastodon.account(value)
    if _MAIL.fullmatch(value):
        return f"email:{value.casefold()}"
    if not platform:
        return ""
    if value.startswith("@") or (_HANDLE.fullmatch(value) and platform != "facebook"):
        return _handle(value, platform)
    return f"{platform}:name/{words.tidy(value).casefold()}"


def _handle(value: str, platform: str) -> Address:
    name = value.lstrip("@")
    if platform == "x":
        return f"x:{name}" if name.isdecimal() else f"x:@{name.casefold()}"
    return f"{platform}:{name if platform == 'youtube' else name.casefold()}"


class Table:
    """Maps the rows of one table. ``brand`` are the brand's accounts, of which one is meant by *us*."""

    def __init__(self, chosen: CsvMap, header: Sequence[str], brand: frozenset[Address]) -> None:
        self._chosen = chosen
        place = {name.strip(): number for number, name in enumerate(header)}
        self._places = {part: place.get(column, len(header)) for part, column in chosen.columns.items()}
        said = chosen.always.get("dates")
        self._ours: dict[str, list[Address]] = {}
        for one in sorted(brand):
            self._ours.setdefault(one.partition(":")[0], []).append(one)
        self._order: Order | None = "dmy" if said == "dmy" else "mdy" if said == "mdy" else None

    def learn(self, rows: Sequence[Sequence[str]]) -> bool:
        """Finds out from dates which of day and month stands first; whether nothing is left to ask."""
        values = [self._cell(row, "at") for row in rows]
        self._order = self._order or order_of(values)
        return self._order is not None or not any(map(ambiguous, values))

    def record(self, row: Sequence[str]) -> Iterator[Record]:
        """The activity of one row, and the name of the person. `ValueError` says what is wrong with it."""
        said = self._cell(row, "at")
        if not said:
            raise ValueError("has no date; left out")
        at, precise = moment(said, self._order)
        kind = self._kind(self._cell(row, "kind"))
        platform = platform_named(self._cell(row, "platform"))
        name = words.tidy(self._cell(row, "actor_name"))
        who = person(self._cell(row, "actor"), platform) or person(name, platform)
        if not who:
            raise ValueError("does not say who, or on which platform; left out")
        us = self._us(platform or who.partition(":")[0], who)
        ours = self._outbound(self._cell(row, "direction"))
        yield Activity(
            words.tidy(self._cell(row, "id")),
            kind,
            us if ours else who,
            who if ours else us,
            at,
            precise=precise,
            object=self._cell(row, "object") or None,
            text=words.tidy(self._cell(row, "text")) or None,
            url=self._cell(row, "url") or None,
        )
        if name:
            yield self._profile(who, name, at)

    @staticmethod
    def _profile(who: Address, name: str, at: Micros) -> Profile:
        return Profile(who, at, name=name)

    def _cell(self, row: Sequence[str], part: str) -> str:
        place = self._places.get(part)
        if place is None:
            return self._chosen.always.get(part, "")
        return row[place].strip() if place < len(row) else ""

    def _kind(self, said: str) -> str:
        word = _word(said)
        kind = self._chosen.meant.get(word) or EVENTS.get(word)
        if kind is None:
            raise ValueError(
                f"{said!r:.40} is no act that is known; say what it is with kind.{word:.30}=KIND"
            )
        return kind

    @staticmethod
    def _outbound(said: str) -> bool:
        word = said.casefold()
        if word and word not in _IN | _OUT:
            raise ValueError(f"{said!r:.40} is no direction; write in or out")
        return word in _OUT

    def _us(self, platform: str, who: Address) -> Address:
        if said := self._chosen.always.get("us"):
            return said
        there = [one for one in self._ours.get(platform, ()) if one != who]
        if len(there) == 1:
            return there[0]
        raise ValueError(
            f"which of your accounts is meant is not said; add us=ACCOUNT, or your account on {platform} with"
            " courtship brand add"
        )
