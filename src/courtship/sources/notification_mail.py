"""Notification e-mails: what others did, as the platforms' own mails tell it.

Every platform writes when somebody follows, comments, mentions or shares: the one feed of what others
do that needs no platform's permission. Mails are believed only by the word of the owner's own mail host, and
only in wordings that are in the tables of `courtship.platforms.notification_mail`; all else is listed, not
guessed. Streamed mail by mail; what is held is whoever was told of and a few hundred lines for review.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from courtship.model import Activity, Address, Coverage, Micros, Problem, Profile
from courtship.platforms.notification_mail import mails as mail_headers
from courtship.platforms.notification_mail import mime
from courtship.platforms.notification_mail.mails import Mail
from courtship.platforms.notification_mail.reading import Outcome, Reader
from courtship.platforms.notification_mail.sentences import tidied
from courtship.platforms.notification_mail.tables import PLATFORMS, table
from courtship.platforms.notification_mail.trust import host_of
from courtship.sources import mailboxes
from courtship.sources.base import Claim, Guide, Shows, Source, Told
from courtship.sources.tree import Entry
from courtship.vocabulary import Kind

_TOLD: Final[tuple[Kind, ...]] = (
    "follow",
    "like",
    "comment",
    "mention",
    "message",
    "share",
    "quote",
    "endorse",
)
SHOWS: Final[Shows] = {(kind, "inbound"): "some" for kind in _TOLD}

LISTED: Final = 200
"""Different mails that are listed for review; the rest are counted."""

MANY: Final = 5
"""So many refused mails, and none believed, are a reason to ask whether the host's name is right."""

REMEMBERED: Final = 50_000
"""Names and likes that were told, so as not to tell them with every mail."""


def _read(claim: Claim) -> Iterator[Told]:
    reader = Reader(claim.settings, claim.brand, claim.now)
    review = _Review()
    spans: dict[tuple[str, Address], tuple[Micros, Micros]] = {}
    told: dict[Profile | str, None] = {}
    for entry in claim.entries:
        for raw in mailboxes.mails(entry):
            headers, start = mime.headers_of(raw.data)
            if not headers and raw.number == 1:
                yield entry.problem(
                    "mail 1", "has no headers that can be read: no mail, or not as mails are kept"
                )
            mail = Mail(headers, complete=start >= 0)
            outcome = reader.judged(mail)
            if outcome is None:
                outcome = reader.vouched(mime.parse(raw.data, whole=raw.whole))
            review.take(entry, raw.number, mail, outcome)
            if outcome.target:
                key = (outcome.platform, outcome.target)
                first, last = spans.get(key, (outcome.at, outcome.at))
                spans[key] = (min(first, outcome.at), max(last, outcome.at))
            for record in outcome.records:
                once = _once(record)
                if once is not None:
                    if once in told:
                        continue
                    told[once] = None
                    if len(told) > REMEMBERED:
                        del told[next(iter(told))]
                yield record
    yield from review.problems()
    for (platform, account), (first, last) in sorted(spans.items()):
        yield from _coverage(platform, account, first, last)


def _once(record: Told) -> Profile | str | None:
    """What is told once, though many mails tell it: somebody's name, and a like of one thing."""
    if isinstance(record, Profile):
        return record._replace(at=None)
    return record.id if isinstance(record, Activity) and record.kind == "like" and record.id else None


def _coverage(platform: str, account: Address, first: Micros, last: Micros) -> Iterator[Coverage]:
    """Some of what others did, of the kinds that the platform's mails tell, from first to last."""
    kinds = table(platform).kinds
    only: Shows = {key: seen for key, seen in SHOWS.items() if key[0] in kinds}
    yield from SOURCE.coverage(account, last + 1, first, only=only)


class _Review:
    """Mails of which nothing is told, for the owner to see: alike ones once, with their number."""

    def __init__(self) -> None:
        self.unnamed: Counter[str] = Counter()
        self.hosts: Counter[str] = Counter()
        self.doubted: Counter[str] = Counter()
        self.believed = False
        self.where: Entry | None = None
        self.listed: dict[tuple[str, str, str], tuple[Problem, int]] = {}
        self.more: Counter[str] = Counter()

    def take(self, entry: Entry, number: int, mail: Mail, outcome: Outcome) -> None:
        """Notes what came of a mail."""
        self.believed = self.believed or outcome.sort in {"told", "nothing", "unknown"}
        if outcome.sort in {"other", "told", "nothing"}:
            return
        self.where = entry
        if outcome.sort == "refused":
            self.doubted[host_of(mail)] += 1
        if outcome.sort == "unnamed":
            self.unnamed[outcome.platform] += 1
            self.hosts[outcome.reason] += 1
            return
        subject = _shown(mail_headers.decoded(mail.first("subject")), 100)
        sender = _shown(", ".join(mail_headers.addresses(mail.first("from"))) or mail.first("from"), 80)
        verb = {"refused": "refused", "damaged": "a damaged mail", "unknown": "not understood, please review"}
        what = f"{verb[outcome.sort]}: {outcome.reason}"
        key = (what, sender, re.sub(r"\d+", "#", subject))
        held = self.listed.get(key)
        if held is not None:
            self.listed[key] = (held[0], held[1] + 1)
        elif len(self.listed) < LISTED:
            about = f'{what} ("{subject}" from {sender})'
            self.listed[key] = (entry.problem(f"mail {number}", about), 1)
        else:
            self.more[what] += 1

    def problems(self) -> Iterator[Problem]:
        """At the end: every sort of mail once."""
        if self.where is not None and self.unnamed:
            yield self.where.problem("", self._unnamed())
        elif self.where is not None and not self.believed and self.doubted.total() >= MANY:
            yield self.where.problem("", self._all_doubted())
        for problem, count in self.listed.values():
            alike = f", and {count - 1:,} more like it" if count > 1 else ""
            yield problem._replace(reason=problem.reason + alike)
        for what, count in self.more.items():
            assert self.where is not None
            yield self.where.problem("", f"{count:,} more mails {what}")

    def _all_doubted(self) -> str:
        """Where not one was believed, the host's name may be wrong."""
        host = self.doubted.most_common(1)[0][0]
        most = f"most name {_shown(host, 60)}" if host else "most name no host"
        return (
            f"none of {self.doubted.total():,} notifications is vouched for by the mail host that you named"
            f" ({most}); if it has another name, say so with --mail-host"
        )

    def _unnamed(self) -> str:
        counts = ", ".join(f"{table(name).title} {count:,}" for name, count in sorted(self.unnamed.items()))
        host = self.hosts.most_common(1)[0][0]
        hint = f" (these mails name {_shown(host, 60)}; is it yours?)" if host else ""
        return (
            f"{self.unnamed.total():,} notifications not vouched for ({counts}): name your mail host with"
            f" courtship import --mail-host HOST{hint}"
        )


def _shown(text: str, most: int) -> str:
    """A header's words on one line, cut to a length."""
    line = "".join(letter if letter.isprintable() else " " for letter in tidied(text))
    return line if len(line) <= most else f"{line[:most]}…"


SOURCE = Source(
    name="notification-mail",
    title="Notification e-mails",
    platforms=PLATFORMS,
    recognise=mailboxes.boxes,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "On each platform, switch on notifications by e-mail (settings, notifications, e-mail).",
            "In your mail program, let a filter put the platforms' mails under one label or into one folder.",
            "Export that label or folder: Google Takeout (Mail), Thunderbird or Apple Mail (an mbox file).",
            "Name your mail host once: courtship import mail.mbox --mail-host mx.google.com",
        ),
        wait="Minutes; Google Takeout takes hours.",
        link="https://takeout.google.com/",
    ),
    files="mailboxes (.mbox, Maildir folders) and single mails (.eml)",
    can_say="Who followed, liked, commented, mentioned, shared, wrote or recommended, as the mails tell it.",
    cannot_say="What the platforms send no mail about, and what stands in wordings that are not known yet.",
    grade="C",  # Facebook's and LinkedIn's are checked against real mails, of 2016 to 2019
)
