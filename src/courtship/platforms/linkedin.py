"""LinkedIn: rows of the export's CSV files -> records.

Accounts are ``linkedin:SLUG``, the part after ``/in/`` in small letters; where a file gives only a name,
``linkedin:name/ann bell``, unless exactly one connection has that name (LinkedIn lets only connections
recommend each other). Columns are found by their names, whatever their order and case.

Decided here:

- A connection is a ``follow`` both ways. Its date is a day: the end of it, not precise.
- A skill endorsed with one click is a ``like``, a written recommendation an ``endorse``.
- A reaction, comment, vote or repost names the post only: whose it is is read from its address
  (``/posts/SLUG_…``) where that holds it; else nobody is named.
- An invitation is a ``follow`` by who sent it, from when it was sent: interest was shown; its words are a
  ``message``. If it was declined is not told. Times without a zone are not precise.
- A message to several is towards nobody in particular. Drafts and advertisements are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote

from courtship.addresses import is_address
from courtship.model import DAY, Activity, Address, Micros, Post, Profile, Record
from courtship.platforms import times, words

Row = Mapping[str, str]
"""Cells by the name of their column in small letters."""

SECOND: Final[Micros] = 1_000_000

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY: Final = re.compile(r"(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4})", re.ASCII)
_AMERICAN: Final = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})(?:,? +(\d{1,2}):(\d\d)(?::\d\d)?\s*([AaPp][Mm])?)?", re.ASCII
)
_FULL: Final = re.compile(
    r"(\d{4})[/-](\d\d)[/-](\d\d)[ T](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s*(UTC|Z)?", re.ASCII
)
_JAVA: Final = re.compile(r"\w{3} ([A-Za-z]{3}) (\d\d) (\d\d:\d\d:\d\d) UTC (\d{4})", re.ASCII)
_PERSON: Final = re.compile(r"(?:https?://)?(?:[a-z]{2,3}\.)?linkedin\.com/in/([^/?#\s]+)", re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_POST: Final = re.compile(r"(?:https?://)?(?:[a-z]{2,3}\.)?linkedin\.com/posts/([^/?#_\s]+)_", re.IGNORECASE)
_URN: Final = re.compile(r"urn:li:(?:activity|ugcPost|share|groupPost):[\d-]+|activity-(\d+)")
_ANYBODY: Final = frozenset(("linkedin member", "linkedin", ""))


def moment(text: str) -> tuple[Micros | None, bool]:
    """A time in any of the styles of the files, and whether it is exact (a zone and an hour are given)."""
    text = text.strip().replace("\u202f", " ")
    if found := _FULL.fullmatch(text):
        return times.iso(f"{found[1]}-{found[2]}-{found[3]}T{found[4]}Z"), found[5] is not None
    if (found := _JAVA.fullmatch(text)) and found[1].lower() in _MONTHS:
        month = _MONTHS.index(found[1].lower()) + 1
        return times.iso(f"{found[4]}-{month:02d}-{found[2]}T{found[3]}Z"), True
    if (found := _DAY.fullmatch(text)) and found[2].lower() in _MONTHS:
        month = _MONTHS.index(found[2].lower()) + 1
        return _end_of(times.iso(f"{found[3]}-{month:02d}-{int(found[1]):02d}")), False
    if found := _AMERICAN.fullmatch(text):
        year = found[3] if len(found[3]) == 4 else f"20{found[3]}"
        day = times.iso(f"{year}-{int(found[1]):02d}-{int(found[2]):02d}")
        if day is None or not found[4]:
            return _end_of(day), False
        hour = int(found[4]) % 12 + (12 if found[6].lower() == "pm" else 0) if found[6] else int(found[4])
        return (day + (hour * 3600 + int(found[5]) * 60) * SECOND, False) if hour < 24 else (None, False)
    return times.iso(text), False


def _end_of(day: Micros | None) -> Micros | None:
    return None if day is None else day + DAY - SECOND


def person(url: str) -> Address:
    """The account of a profile's address, ``""`` where it is none."""
    return _account(_PERSON.search(url))


def _account(found: re.Match[str] | None) -> Address:
    address = f"linkedin:{unquote(found[1]).lower()}" if found else ""
    return address if is_address(address) else ""


def _name(text: str) -> str:
    """A name with one blank between its words, and no control characters, as damage leaves them."""
    return " ".join(_CONTROL.sub(" ", text).split())


class Export:
    """Maps one export. Let it `learn` first who has which name."""

    def __init__(self, account: Address, name: str, made: Micros) -> None:
        self.account = account
        self.name = name
        self.made = made
        self._known: dict[str, Address] = {}

    def named(self, name: str) -> Address:
        """The account of somebody of whom only the name is given."""
        key = _name(name).casefold()
        if key in _ANYBODY:
            return ""
        if key == self.name.casefold():
            return self.account
        return self._known.get(key) or f"linkedin:name/{key}"

    def _several(self, names: str) -> list[Address]:
        """Names with commas between, though a name may have one itself (Ann Bell, PhD)."""
        key = _name(names).casefold()
        if key == self.name.casefold() or key in self._known:
            return [self.named(names)]
        return [self.named(one) for one in names.split(",")]

    def learn(self, row: Row) -> None:
        """A row that says who has which name: of Connections.csv, Invitations.csv or the endorsements.

        A name of several is nobody's.
        """
        for name, url in (
            (_full_name(row), row.get("url", "")),
            (row.get("from", ""), row.get("inviterprofileurl", "")),
            (row.get("to", ""), row.get("inviteeprofileurl", "")),
            (_full_name(row, "endorser "), row.get("endorser public url", "")),
            (_full_name(row, "endorsee "), row.get("endorsee public url", "")),
        ):
            key, who = _name(name).casefold(), person(url)
            if key and who:
                self._known[key] = who if self._known.get(key, who) == who else f"linkedin:name/{key}"

    # ------------------------------------------------------------------ people

    def connection(self, row: Row) -> Iterator[Record]:
        """Connections.csv. `ValueError` says what is wrong."""
        name = _full_name(row)
        who = person(row.get("url", "")) or (self.named(name) if name else "")
        if not who:
            return  # somebody who left: LinkedIn keeps the row and its date
        at = _exact(row, "connected on")[0]
        for way, actor, target in (("in", who, self.account), ("out", self.account, who)):
            yield Activity(f"connection:{_id(who)}:{way}", "follow", actor, target, at, precise=False)
        job = " · ".join(part for part in (row.get("position", ""), row.get("company", "")) if part)
        yield Profile(
            who,
            name=name,
            handle=_id(who) if "/" not in who else "",
            url=row.get("url", ""),
            bio=job,
            email=row.get("email address", "").casefold(),
        )

    def invitation(self, row: Row) -> Iterator[Record]:
        """Invitations.csv: who asked whom, and the words that came with it."""
        incoming = row.get("direction", "").strip().upper() == "INCOMING"
        column, name = ("inviterprofileurl", "from") if incoming else ("inviteeprofileurl", "to")
        other = person(row.get(column, "")) or self.named(row.get(name, ""))
        if not other:
            return
        at, precise = _exact(row, "sent at")
        actor, target = (other, self.account) if incoming else (self.account, other)
        way = "in" if incoming else "out"
        yield Activity(
            f"asked:{_id(other)}:{way}:{at // SECOND}", "follow", actor, target, at, precise=precise
        )
        text = words.plain(row.get("message", ""))
        if not text:
            return
        yield Activity(
            id=f"invitation:{_id(other)}:{at // SECOND}",
            kind="message",
            actor=actor,
            target=target,
            at=at,
            precise=precise,
            text=text,
            public=False,
        )

    def message(self, row: Row) -> Iterator[Record]:
        """messages.csv, with or without the newer columns."""
        if row.get("is message draft", "").strip().casefold() in {"yes", "true", "1"}:
            return
        sender = person(row.get("sender profile url", "")) or self.named(row.get("from", ""))
        if not sender or row.get("folder", "").strip().casefold() == "spam":
            return  # an advertisement, or somebody who left
        urls = [one for one in row.get("recipient profile urls", "").split(",") if one.strip()]
        recipients = [person(one) for one in urls] or [
            self.named(one) for one in row.get("to", "").split(",")
        ]
        others = {one for one in recipients if one and one != sender}
        at, precise = _exact(row, "date")
        mine = sender == self.account
        alone = len(others) == 1 and (mine or others == {self.account})
        subject, text = words.plain(row.get("subject", "")), words.plain(row.get("content", ""))
        name = f"message:{row.get('conversation id', '')}:{at // SECOND}:{_id(sender)}"
        yield Activity(
            id=name,
            kind="message",
            actor=sender,
            target=next(iter(others)) if alone else "",
            at=at,
            precise=precise,
            object=name,
            text=f"{subject}\n\n{text}".strip() or None,
            public=False,
            actor_name=row.get("from", "") or None,
        )

    def endorsement(self, row: Row) -> Iterator[Record]:
        """Endorsement_Received_Info.csv and Endorsement_Given_Info.csv: a skill, with one click."""
        received = "endorser first name" in row or "endorser public url" in row
        who = "endorser" if received else "endorsee"
        other = person(row.get(f"{who} public url", "")) or self.named(_full_name(row, f"{who} "))
        if not other:
            return
        at, precise = _exact(row, "endorsement date")
        skill = row.get("skill name", "").strip()
        yield Activity(
            id=f"endorsement:{'in' if received else 'out'}:{_id(other)}:{skill}",
            kind="like",
            actor=other if received else self.account,
            target=self.account if received else other,
            at=at,
            precise=precise,
            object=f"skill:{skill}",
            text=skill or None,
            public=True,
        )

    def recommendation(self, row: Row, received: bool) -> Iterator[Record]:
        """Recommendations_Received.csv and Recommendations_Given.csv: words of praise."""
        other = self.named(_full_name(row))
        if not other:
            return
        at, precise = _exact(row, "creation date")
        yield Activity(
            id=f"recommendation:{'in' if received else 'out'}:{_id(other)}:{at // SECOND}",
            kind="endorse",
            actor=other if received else self.account,
            target=self.account if received else other,
            at=at,
            precise=precise,
            text=words.plain(row.get("text", "")) or None,
            public=row.get("status", "").strip().upper() == "VISIBLE",
            actor_name=_full_name(row) if received else None,
            target_name=None if received else _full_name(row),
        )

    def follow(self, row: Row) -> Iterator[Record]:
        """Company Follows.csv and Member_Follows.csv."""
        company = _name(row.get("organization", ""))
        name = _name(row.get("fullname", "") or row.get("full name", "") or _full_name(row))
        other = f"linkedin:company/{company.casefold()}" if company else self.named(name)
        if not other or row.get("status", "").strip().casefold() in {"unfollowed", "inactive"}:
            return
        at = _exact(row, "followed on" if row.get("followed on") else "date")[0]
        yield Activity(f"follow:{_id(other)}", "follow", self.account, other, at, precise=False)

    # ------------------------------------------------------------------ posts

    def reaction(self, row: Row) -> Iterator[Record]:
        """Reactions.csv."""
        kind = row.get("type", "").strip().lower()
        yield self._upon(row, "like", "reaction", kind if kind != "like" else "")

    def comment(self, row: Row) -> Iterator[Record]:
        """Comments.csv."""
        yield self._upon(row, "comment", "comment", words.plain(row.get("message", "")))

    def vote(self, row: Row) -> Iterator[Record]:
        """Votes.csv."""
        yield self._upon(row, "vote", "vote", row.get("optiontext", "").strip())

    def repost(self, row: Row) -> Iterator[Record]:
        """InstantReposts.csv."""
        yield self._upon(row, "share", "repost", "")

    def _upon(self, row: Row, kind: str, what: str, text: str) -> Activity:
        link = row.get("link", "").strip()
        at, precise = _exact(row, "date")
        about = post(link)
        found = _POST.search(link)
        return Activity(
            id=f"{what}:{at // SECOND}:{about}",
            kind=kind,
            actor=self.account,
            target=_account(found),
            at=at,
            precise=precise,
            object=about or None,
            in_reply_to=about or None if kind in {"comment", "vote"} else None,
            text=text or None,
            url=link or None,
            public=True,
        )

    def share(self, row: Row) -> Iterator[Record]:
        """Shares.csv: the owner's own posts."""
        link, text = row.get("sharelink", "").strip(), words.plain(row.get("sharecommentary", ""))
        at, _ = _exact(row, "date")
        shared = row.get("sharedurl", "").strip()
        media = row.get("mediaurl", "").strip()
        yield Post(
            object=post(link) or f"{self.account}/post/{at // SECOND}",
            author=self.account,
            at=at,
            text=text,
            media="image" if media else "link" if shared.startswith("http") else "text",
            link=shared if shared.startswith("http") else "",
            tags=tuple(dict.fromkeys(re.findall(r"#(\w+)", text))),
            url=link,
            public=row.get("visibility", "").strip().upper() in {"", "MEMBER_NETWORK", "PUBLIC", "ANYONE"},
        )


def post(link: str) -> str:
    """How a post is named: by its number, in all ways in which its address is written."""
    found = _URN.search(unquote(unquote(link)))
    if not found:
        return link
    return f"urn:li:activity:{found[1]}" if found[1] else found[0]


def _exact(row: Row, column: str) -> tuple[Micros, bool]:
    at, precise = moment(row.get(column, ""))
    if at is None:
        raise ValueError("has no date that can be believed (1990 to 2100); left out")
    return at, precise


def _full_name(row: Row, whose: str = "") -> str:
    return " ".join(f"{row.get(f'{whose}first name', '')} {row.get(f'{whose}last name', '')}".split())


def _id(who: Address) -> str:
    return who.partition(":")[2]
