"""Mailboxes over IMAP (RFC 3501, IDLE of RFC 2177): the platforms' notification e-mails as they arrive.

Decided here:

- Mails are only read: with BODY.PEEK in a folder opened with EXAMINE, so they stay unread and where they are.
- Of every mail only sender and subject are asked for; of the platforms' own, the first megabyte.
- The place in the folder is UIDVALIDITY and UID. Where the server gives the folder a new UIDVALIDITY, it is
  read again from its beginning: what was told is known, and counts once.
- What was there before the connection is read in slices, oldest first as a mailbox file is; what arrives
  meanwhile comes between two slices.
- Nothing of a mail that is not understood is shown but its platform, its day and why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from courtship.connect.base import Batch, Connector, Session, Setting
from courtship.connect.imap import Fetched, Folder, told_plainly
from courtship.model import (
    DAY,
    Activity,
    Address,
    Coverage,
    Decision,
    Guide,
    Micros,
    Problem,
    Profile,
    Record,
    Shows,
)
from courtship.platforms.notification_mail import mime
from courtship.platforms.notification_mail.mails import Mail
from courtship.platforms.notification_mail.reading import ACCOUNT, HOST, Outcome, Reader
from courtship.platforms.notification_mail.tables import PLATFORMS, table
from courtship.times import to_iso
from courtship.vocabulary import Kind

SLICE: Final = 500
"""Mails to a batch of the back-fill."""

SPAN: Final = 20_000
"""UIDs to a search: an answer of at most some 150 kB."""

KEPT: Final = 1024 * 1024
"""Bytes of one mail; a notification has far less."""

BEAT: Final = 60_000_000
"""Microseconds after which it is noted that the connection still listens."""

LIKES: Final = 300
"""Likes remembered, so that a second mail that names them again tells nothing new."""

_TOLD: Final[tuple[Kind, ...]] = (
    "follow", "like", "comment", "mention", "message", "share", "quote", "endorse",
)  # fmt: skip
SHOWS: Final[Shows] = {(kind, "inbound"): "some" for kind in _TOLD}


# ---------------------------------------------------------------- what the mails tell


class _Read(NamedTuple):
    """``left``: mails that tell nothing, by why; ``newest``: when the last of all came in."""

    records: list[Record | Problem]
    left: Counter[str]
    newest: Micros | None


class _Post:
    """Reads mails of one folder and keeps what must not be told twice."""

    def __init__(self, session: Session, cursor: dict[str, Any]) -> None:
        settings = {HOST: session.settings.get("mail_host", "") or session.settings.get(HOST, "")}
        settings |= {name: value for name, value in session.settings.items() if name.startswith(ACCOUNT)}
        kept = cursor.setdefault("accounts", {})
        self.chosen: dict[str, str] = kept if isinstance(kept, dict) else {}
        self.cursor = cursor
        self.reader = Reader({**self.chosen, **settings}, session.brand, session.now())
        self.likes: dict[str, None] = dict.fromkeys(cursor.get("likes", ()))
        self.profiles: set[Profile] = set()

    def read(self, box: Folder, uids: Sequence[int]) -> _Read:
        """What mails tell, and how many of them tell nothing."""
        heads = box.fetch(uids, "BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)]")
        theirs = [one.uid for one in heads if not self._is_somebody_elses(one.data)]
        records: list[Record | Problem] = []
        left: Counter[str] = Counter()
        spans: dict[Address, tuple[Micros, Micros]] = {}
        for start in range(0, len(theirs), 20):
            for one in box.fetch(theirs[start : start + 20], f"BODY.PEEK[]<0.{KEPT}>"):
                self._mail(one, records, left, spans)
        newest = max((one.at for one in heads if one.at is not None), default=None)
        self._cover(records, spans, None)
        return _Read(records, left, newest)

    def _is_somebody_elses(self, head: bytes) -> bool:
        headers, _ = mime.headers_of(head)
        outcome = self.reader.judged(Mail(headers))
        return outcome is not None and outcome.sort == "other"

    def _mail(
        self,
        one: Fetched,
        records: list[Record | Problem],
        left: Counter[str],
        spans: dict[Address, tuple[Micros, Micros]],
    ) -> None:
        headers, start = mime.headers_of(one.data)
        mail = Mail(headers, complete=start >= 0)
        outcome = self.reader.judged(mail)
        if outcome is None:
            outcome = self.reader.vouched(mime.parse(one.data, whole=len(one.data) < KEPT))
        if outcome.sort in {"unnamed", "refused", "unknown", "damaged"}:
            left[_why(outcome)] += 1
        if outcome.target:
            first, last = spans.get(outcome.target, (outcome.at, outcome.at))
            spans[outcome.target] = (min(first, outcome.at), max(last, outcome.at + 1))
        for record in outcome.records:
            if isinstance(record, Decision):
                self.chosen[record.subject] = str(record.detail.get("value", ""))
                self.cursor["accounts"] = self.chosen
            elif self._is_new(record):
                records.append(record)

    def covered(self, now: Micros) -> list[Record | Problem]:
        """Coverage up to now of every account that mails came for, where it is a day old."""
        records: list[Record | Problem] = []
        self._cover(records, {}, now)
        return records

    def _cover(
        self,
        records: list[Record | Problem],
        spans: Mapping[Address, tuple[Micros, Micros]],
        now: Micros | None,
    ) -> None:
        """Some of what others did, of the kinds that the platform's mails tell, without a gap: what came
        while nobody listened is still in the folder. At most one span a day and account."""
        ends: dict[str, int] = {**self.cursor.get("covered", {})}
        known = set(ends)
        reached = dict.fromkeys(ends, now) if now is not None else {}
        for account, (first, last) in spans.items():
            ends.setdefault(account, first)
            reached[account] = last
        for account, end in reached.items():
            start = ends[account]
            if account in known and end - start < DAY:
                continue
            kinds = table(account.partition(":")[0]).kinds
            records += [
                Coverage(account, kind, "inbound", "some", start, end) for kind in _TOLD if kind in kinds
            ]
            ends[account] = end
        self.cursor["covered"] = ends

    def _is_new(self, record: Record) -> bool:
        if isinstance(record, Profile):
            once = record._replace(at=None)
            new = once not in self.profiles
            self.profiles.add(once)
            return new
        if not (isinstance(record, Activity) and record.kind == "like" and record.id):
            return True
        digest = blake2b(record.id.encode(), digest_size=8).hexdigest()
        if digest in self.likes:
            return False
        self.likes[digest] = None
        if len(self.likes) > LIKES:
            del self.likes[next(iter(self.likes))]
        self.cursor["likes"] = list(self.likes)
        return True


def _why(outcome: Outcome) -> str:
    title = table(outcome.platform).title if outcome.platform else "a platform"
    match outcome.sort:
        case "unnamed":
            said = f" (they name {outcome.reason:.60}; is it yours?)" if outcome.reason else ""
            return f"of {title} not vouched for: name your mail host in this connection's settings{said}"
        case "refused":
            return f"of {title} refused: {outcome.reason}"
        case "damaged":
            return f"of {title} damaged: {outcome.reason}"
    return f"of {title} not understood, please review: {outcome.reason}"


def _problems(folder: str, left: Mapping[str, int], newest: Micros | None) -> list[Problem]:
    when = f", the newest on {to_iso(newest)[:10]}" if newest is not None else ""
    return [
        Problem(f"mailbox {folder}", "", f"{count:,} {'mail' if count == 1 else 'mails'} {why}{when}")
        for why, count in sorted(left.items())
    ]


# ---------------------------------------------------------------- the connector


def _folder(session: Session) -> str:
    return session.settings.get("folder", "").strip() or "INBOX"


def check(session: Session) -> Profile:
    """Opens the folder once. Answers nobody's account: a mailbox is none."""
    with told_plainly(session.settings):
        box = Folder(session.settings, _folder(session))
        box.close()
    user = session.settings.get("user", "").strip()
    email = user.casefold() if "@" in user else ""
    return Profile(f"email:{user.casefold()}", name=user, email=email, own=True)


def run(session: Session) -> Iterator[Batch]:
    """New mails as they arrive; those from before, in slices between."""
    folder = _folder(session)
    cursor: dict[str, Any] = dict(session.cursor)
    with told_plainly(session.settings):
        box = Folder(session.settings, folder)
        try:
            _start(cursor, box, folder, session)
            post = _Post(session, cursor)
            yield Batch([], _copy(cursor), note=_note(cursor))
            while not session.stopping():
                yield from _new(box, post, cursor, session)
                if session.stopping():
                    return
                if cursor["next"] < cursor["from"]:
                    yield _slice(box, post, cursor, folder, session)
                elif box.wait(session):
                    return
        finally:
            box.close()


def _start(cursor: dict[str, Any], box: Folder, folder: str, session: Session) -> None:
    """Places the cursor: where it stood, or at the folder's end with all before it to be read."""
    same = cursor.get("validity") == box.validity and cursor.get("folder") == folder
    if same and all(isinstance(cursor.get(name), int) for name in ("last", "next", "from", "seen")):
        return
    top = box.next or max(box.uids(1), default=0) + 1
    cursor |= {
        "validity": box.validity,
        "folder": folder,
        "last": top - 1,  # everything up to here is back-fill
        "next": 1,
        "from": top,
        "seen": session.now(),
        "read": 0,
        "left": {},
    }


def _new(box: Folder, post: _Post, cursor: dict[str, Any], session: Session) -> Iterator[Batch]:
    arrived = box.uids(cursor["last"] + 1)
    for start in range(0, len(arrived), SLICE):
        some = arrived[start : start + SLICE]
        read = post.read(box, some)
        cursor["last"] = some[-1]
        problems = _problems(cursor["folder"], read.left, read.newest)
        yield Batch([*read.records, *problems], _copy(cursor), note=_note(cursor))
    now = session.now()
    if not arrived and now - cursor["seen"] >= BEAT:
        cursor["seen"] = now
        listening = cursor["next"] >= cursor["from"]
        yield Batch(post.covered(now) if listening else [], _copy(cursor), note=_note(cursor))


def _slice(box: Folder, post: _Post, cursor: dict[str, Any], folder: str, session: Session) -> Batch:
    first = cursor["next"]
    last = min(first + SPAN, cursor["from"]) - 1
    found = box.uids(first, last)
    some = found[:SLICE]
    read = post.read(box, some)
    cursor["next"] = some[-1] + 1 if len(found) > SLICE else last + 1
    cursor["read"] += len(some)
    summed = Counter(cursor.get("left", {}))
    summed.update(read.left)
    cursor["left"] = dict(summed)
    problems: list[Problem] = []
    if cursor["next"] >= cursor["from"]:
        problems = _problems(folder, summed, None)
        cursor["left"] = {}
    return Batch([*read.records, *problems], _copy(cursor), note=_note(cursor))


def _note(cursor: Mapping[str, Any]) -> str:
    if cursor["next"] < cursor["from"]:
        return f"older mails: {cursor['read']:,} looked through so far"
    return "listening"


def _copy(cursor: Mapping[str, Any]) -> dict[str, Any]:
    return {name: dict(value) if isinstance(value, dict) else value for name, value in cursor.items()}


CONNECTOR = Connector(
    name="mailbox",
    title="Mailbox (notification e-mails over IMAP)",
    platforms=PLATFORMS,
    settings=(
        Setting("host", "IMAP server", "Such as imap.gmail.com or imap.fastmail.com."),
        Setting("user", "User name", "Mostly your whole e-mail address."),
        Setting("password", "App password", "Made for this program at your mail host.", secret=True),
        Setting(
            "mail_host",
            "Your mail host's name in Authentication-Results",
            "The first word of that line in a mail you got: mx.google.com at Gmail. Only mails that it"
            " vouches for count; several names with blanks between.",
        ),
        Setting(
            "folder",
            "Folder or label",
            "The one your filter puts the platforms' mails into.",
            optional=True,
            default="INBOX",
        ),
        Setting(
            "security", "Security", "tls, starttls, or plain on this machine.", optional=True, default="tls"
        ),
        Setting("port", "Port", "993 for tls, 143 otherwise, unless your host says so.", optional=True),
        Setting(
            "plain_is_fine",
            "No encryption is fine",
            "yes, only for a server in a network of your own.",
            optional=True,
        ),
    ),
    guide=Guide(
        steps=(
            "On each platform, switch on notifications by e-mail (settings, notifications, e-mail).",
            "In your mailbox, let a filter put the platforms' mails under one label or into one folder.",
            "Gmail: Google Account, Security, 2-Step Verification on; then App passwords, make one.",
            "Outlook.com: no passwords over IMAP any more; under Settings, Mail, Forwarding send the mails to"
            " another mailbox. Microsoft 365: ask whether your organisation allows app passwords.",
            "Fastmail, iCloud, Yahoo: make an app password in the account's security settings.",
            "Look at the source of one genuine notification: the first word after Authentication-Results is"
            " your mail host's name.",
        ),
        wait="Minutes.",
        link="https://myaccount.google.com/apppasswords",
    ),
    permission="To read one folder. Nothing is marked as read, moved, deleted or sent.",
    shows=SHOWS,
    check=check,
    run=run,
    can_say="Who followed, liked, commented, mentioned, shared, wrote or recommended, as the platforms' mails"
    " tell it, mostly within seconds.",
    cannot_say="What the platforms send no mail about, what stands in wordings that are not known yet, and"
    " mailboxes that want OAuth (sign-in in a browser) instead of a password: that is not built.",
    verified="real server",
)
