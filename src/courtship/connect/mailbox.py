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

import imaplib
import re
import socket
import ssl
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from courtship.connect.base import Batch, Connector, Session, Setting
from courtship.errors import ConnectionRefused, Unreachable
from courtship.model import Activity, Coverage, Decision, Guide, Micros, Problem, Profile, Record, Shows
from courtship.platforms import times
from courtship.platforms.notification_mail import mime
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

RENEW: Final = 9 * 60.0
"""Seconds of one IDLE: RFC 2177 allows 29 minutes, Gmail and home routers drop a silent line after ten."""

POLL: Final = 60.0
"""Seconds between two looks where the server offers no IDLE."""

PATIENCE: Final = 30.0
"""Seconds that a server may take to answer."""

GLANCE: Final = 1.0
"""Seconds after which a waiting connection looks whether it is to stop."""

LIKES: Final = 300
"""Likes remembered, so that a second mail that names them again tells nothing new."""

_TOLD: Final[tuple[Kind, ...]] = (
    "follow", "like", "comment", "mention", "message", "share", "quote", "endorse",
)  # fmt: skip
SHOWS: Final[Shows] = {(kind, "inbound"): "some" for kind in _TOLD}

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
_WAITING_HELPS: Final = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|too many|try again", re.IGNORECASE
)
_UID: Final = re.compile(rb"\bUID (\d+)")
_DATE: Final = re.compile(rb'INTERNALDATE "([^"]{10,40})"')

_WHERE_PASSWORDS_ARE: Final[Mapping[str, str]] = {
    "gmail.com": "Gmail takes an app password only (Google Account, Security, App passwords)",
    "googlemail.com": "Gmail takes an app password only (Google Account, Security, App passwords)",
    "outlook.com": "Outlook.com takes no passwords over IMAP any more: let it forward the mails to another mailbox",
    "office365.com": "Microsoft 365 takes passwords over IMAP only where your organisation allows app passwords",
    "yahoo.com": "Yahoo takes an app password only (Account security, Generate app password)",
    "me.com": "iCloud takes an app-specific password only (account.apple.com, Sign-In and Security)",
}


# ---------------------------------------------------------------- the line to the server


class _Fetched(NamedTuple):
    uid: int
    at: Micros | None
    data: bytes


class _Box:
    """A folder of a mailbox, opened to read."""

    def __init__(self, settings: Mapping[str, str], folder: str) -> None:
        from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted

        self.host, self.port, self.security = _place(settings)
        self.folder = folder
        made: BaseMailBox
        context = ssl.create_default_context() if self.security != "plain" else None
        if self.security == "tls":
            made = MailBox(self.host, self.port, timeout=PATIENCE, ssl_context=context)
        elif self.security == "starttls":
            made = MailBoxStartTls(self.host, self.port, timeout=PATIENCE, ssl_context=context)
        else:
            made = MailBoxUnencrypted(self.host, self.port, timeout=PATIENCE)
        self.box = made
        self.client = made.client
        try:
            self._log_in(settings.get("user", "").strip(), settings.get("password", ""))
            self._capabilities()
            self._open()
        except BaseException:
            self.close()
            raise

    def _log_in(self, user: str, password: str) -> None:
        from imap_tools import MailboxLoginError

        # Google shows its app passwords in four groups, with blanks that are not part of them.
        if re.fullmatch(r"[a-z]{4} [a-z]{4} [a-z]{4} [a-z]{4}", password.strip()):
            password = password.replace(" ", "").strip()
        try:
            if user.isascii() and password.isascii():
                self.box.login(user, password, initial_folder=None)
            else:
                self.box.login_utf8(user, password, initial_folder=None)
        except (MailboxLoginError, imaplib.IMAP4.error) as error:
            if isinstance(error, imaplib.IMAP4.abort):
                raise
            said = _said(error)
            if _WAITING_HELPS.search(said):
                raise Unreachable(
                    f"{self.host} lets nobody in just now ({said}); it is tried again"
                ) from None
            hint = next(
                (hint for end, hint in _WHERE_PASSWORDS_ARE.items() if f".{self.host}".endswith(f".{end}")),
                "many hosts want an app password here, not the one for their pages",
            )
            raise ConnectionRefused(
                f"{self.host} refused the user name or password of {user or 'nobody'}; {hint}"
            ) from None

    def _capabilities(self) -> None:
        answer, said = self.client.capability()
        words = b" ".join(part for part in said if isinstance(part, bytes)).upper().split()
        self.idles = answer == "OK" and b"IDLE" in words

    def _open(self) -> None:
        from imap_tools.utils import encode_folder

        answer, said = self.client.select(encode_folder(self.folder), readonly=True)  # type: ignore[arg-type]
        if answer != "OK":
            with suppress(Exception):
                names = [one.name for one in self.box.folder.list()][:20]
                raise ConnectionRefused(
                    f"{self.host} has no folder {self.folder!r}; there are: {', '.join(names)}"
                )
            raise ConnectionRefused(f"{self.host} does not open the folder {self.folder!r}; check its name")
        self.validity = self._number("UIDVALIDITY")
        self.next = self._number("UIDNEXT")
        del said

    def _number(self, name: str) -> int:
        _, said = self.client.response(name)
        value = said[0] if said else None
        return int(value) if isinstance(value, bytes) and value.isdigit() else 0

    def uids(self, first: int, last: int | None = None) -> list[int]:
        """The UIDs of the folder from ``first`` to ``last`` (both included), ascending."""
        answer, said = self.client.uid("SEARCH", f"UID {first}:{'*' if last is None else last}")
        _must(answer, said)
        found = b" ".join(part for part in said if isinstance(part, bytes)).split()
        # "n:*" always names the last mail there is, even where it is below n (RFC 3501, 9).
        return sorted(uid for uid in map(int, found) if uid >= first and (last is None or uid <= last))

    def fetch(self, uids: Sequence[int], what: str) -> list[_Fetched]:
        """Part of each mail, without marking it as read."""
        if not uids:
            return []
        answer, said = self.client.uid("FETCH", ",".join(map(str, uids)), f"(UID INTERNALDATE {what})")
        _must(answer, said)
        found = []
        for place, part in enumerate(said):
            if not isinstance(part, tuple):
                continue
            after = said[place + 1] if place + 1 < len(said) else b""
            line = part[0] + (after if isinstance(after, bytes) else b"")
            uid, date = _UID.search(line), _DATE.search(line)
            if uid is not None:
                at = times.mail(date[1].decode("latin-1").replace("-", " ")) if date else None
                found.append(_Fetched(int(uid[1]), at, part[1]))
        return sorted(found)

    def wait(self, session: Session) -> bool:
        """Waits until something happens in the folder or it is time to look; true when to stop."""
        if not self.idles:
            return session.wait(POLL) or self._alive()
        until = time.monotonic() + RENEW
        self.box.idle.start()
        stop = False
        while time.monotonic() < until and not stop:
            asked = time.monotonic()
            if self.box.idle.poll(GLANCE):
                break
            if time.monotonic() - asked < GLANCE / 2:
                break  # the line is closed: the next words to the server find that out
            stop = session.stopping()
        self.box.idle.stop()
        return stop

    def _alive(self) -> bool:
        _must(*self.client.noop())
        return False

    def close(self) -> None:
        """Says good-bye, and hangs up in any case."""
        with suppress(Exception):
            self.client.sock.settimeout(2)
            self.client.logout()
        with suppress(Exception):
            self.client.shutdown()


def _place(settings: Mapping[str, str]) -> tuple[str, int, str]:
    host = settings.get("host", "").strip()
    port_said = settings.get("port", "").strip()
    security = settings.get("security", "").strip().lower() or "tls"
    if not host:
        raise ConnectionRefused("name the IMAP server, as in imap.gmail.com")
    if security not in {"tls", "starttls", "plain"}:
        raise ConnectionRefused(f"security is {security!r:.20}; it is tls, starttls or plain")
    if security == "plain" and host.lower() not in _LOOPBACK and settings.get("plain_is_fine", "") != "yes":
        raise ConnectionRefused(
            f"without encryption anybody on the way to {host} could read your password: use tls; within a network"
            " of your own say yes to plain_is_fine"
        )
    if port_said and not (port_said.isdigit() and 0 < int(port_said) < 65_536):
        raise ConnectionRefused(f"port is {port_said!r:.20}; it is a number such as 993")
    return host, int(port_said or (993 if security == "tls" else 143)), security


def _must(answer: str, said: object) -> None:
    if answer != "OK":
        raise Unreachable(
            f"the mail server did not do what it was asked ({str(said)[:120]}); it is asked again"
        )


def _said(error: Exception) -> str:
    result = getattr(error, "command_result", None)
    parts = result[1] if result else [str(error)]
    words = " ".join(
        part.decode(errors="replace") if isinstance(part, bytes) else str(part) for part in parts
    )
    return "".join(letter if letter.isprintable() else " " for letter in words)[:160]


@contextmanager
def _told_plainly(settings: Mapping[str, str]) -> Iterator[None]:
    """Errors of the line as the two that a connector may raise."""
    from imap_tools import ImapToolsError

    host = settings.get("host", "").strip() or "the mail server"
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise ConnectionRefused(
            f"the certificate of {host} is not valid ({error.verify_message}); check the server's name"
        ) from None
    except ssl.SSLError as error:
        raise Unreachable(
            f"{host} speaks no TLS here ({error.reason or 'no answer'}); check port and security"
        ) from None
    except TimeoutError:
        raise Unreachable(f"{host} did not answer in {PATIENCE:.0f} seconds; it is asked again") from None
    except socket.gaierror:
        raise Unreachable(f"there is no {host}, or no network; check the name") from None
    except OSError as error:
        raise Unreachable(
            f"the line to {host} broke ({error.strerror or error}); it is dialled again"
        ) from None
    except (imaplib.IMAP4.error, ImapToolsError) as error:
        raise Unreachable(f"the line to {host} broke ({_said(error)}); it is dialled again") from None


# ---------------------------------------------------------------- what the mails tell


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

    def read(
        self, box: _Box, uids: Sequence[int]
    ) -> tuple[list[Record | Problem], Counter[str], Micros | None]:
        """What mails tell; how many tell nothing, by why; and when the newest of all came in."""
        heads = box.fetch(uids, "BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)]")
        theirs = [one.uid for one in heads if not self._is_somebody_elses(one.data)]
        records: list[Record | Problem] = []
        left: Counter[str] = Counter()
        for start in range(0, len(theirs), 20):
            for one in box.fetch(theirs[start : start + 20], f"BODY.PEEK[]<0.{KEPT}>"):
                self._mail(one, records, left)
        newest = max((one.at for one in heads if one.at is not None), default=None)
        return records, left, newest

    def _is_somebody_elses(self, head: bytes) -> bool:
        headers, _ = mime.headers_of(head)
        outcome = self.reader.judged(mime.Mail(headers))
        return outcome is not None and outcome.sort == "other"

    def _mail(self, one: _Fetched, records: list[Record | Problem], left: Counter[str]) -> None:
        headers, start = mime.headers_of(one.data)
        mail = mime.Mail(headers, complete=start >= 0)
        outcome = self.reader.judged(mail)
        if outcome is None:
            outcome = self.reader.vouched(mime.parse(one.data, whole=len(one.data) < KEPT))
        if outcome.sort in {"unnamed", "refused", "unknown", "damaged"}:
            left[_why(outcome)] += 1
        at: Micros | None = None
        for record in outcome.records:
            if isinstance(record, Decision):
                self.chosen[record.subject] = str(record.detail.get("value", ""))
                self.cursor["accounts"] = self.chosen
            elif self._is_new(record):
                records.append(record)
                at = record.at if isinstance(record, Activity) else at
        if outcome.target and at is not None:
            kinds = table(outcome.platform).kinds
            records += [
                Coverage(outcome.target, kind, "inbound", "some", at, at + 1)
                for kind in _TOLD
                if kind in kinds
            ]

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
    with _told_plainly(session.settings):
        box = _Box(session.settings, _folder(session))
        box.close()
    user = session.settings.get("user", "").strip()
    return Profile(
        f"email:{user.casefold()}", name=user, email=user.casefold() if "@" in user else "", own=True
    )


def run(session: Session) -> Iterator[Batch]:
    """New mails as they arrive; those from before, in slices between."""
    folder = _folder(session)
    cursor: dict[str, Any] = dict(session.cursor)
    with _told_plainly(session.settings):
        box = _Box(session.settings, folder)
        try:
            _start(cursor, box, folder, session)
            post = _Post(session, cursor)
            while not session.stopping():
                batches = [*_new(box, post, cursor, session)]
                yield from batches
                if session.stopping():
                    return
                if cursor["next"] < cursor["from"]:
                    yield _slice(box, post, cursor, folder, session)
                elif box.wait(session):
                    return
        finally:
            box.close()


def _start(cursor: dict[str, Any], box: _Box, folder: str, session: Session) -> None:
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
    cursor.pop("back", None)


def _new(box: _Box, post: _Post, cursor: dict[str, Any], session: Session) -> Iterator[Batch]:
    now = session.now()
    arrived = box.uids(cursor["last"] + 1)
    for start in range(0, len(arrived), SLICE):
        some = arrived[start : start + SLICE]
        records, left, newest = post.read(box, some)
        cursor["last"] = some[-1]
        seen = {}
        if start + SLICE >= len(arrived):
            seen = {"seen_from": cursor["seen"], "seen_to": max(now, cursor["seen"])}
            cursor["seen"] = max(now, cursor["seen"])
        yield Batch([*records, *_problems(cursor["folder"], left, newest)], _copy(cursor), **seen)
    if not arrived:
        yield Batch([], _copy({**cursor, "seen": now}), cursor["seen"], now, _note(cursor))
        cursor["seen"] = now


def _slice(box: _Box, post: _Post, cursor: dict[str, Any], folder: str, session: Session) -> Batch:
    first = cursor["next"]
    last = min(first + SPAN, cursor["from"]) - 1
    found = box.uids(first, last)
    some = found[:SLICE]
    records, left, newest = post.read(box, some)
    cursor["next"] = some[-1] + 1 if len(found) > SLICE else last + 1
    cursor["read"] += len(some)
    summed = Counter(cursor.get("left", {}))
    summed.update(left)
    cursor["left"] = dict(summed)
    problems: list[Problem] = []
    if cursor["next"] >= cursor["from"]:
        problems = _problems(folder, summed, None)
        cursor["left"] = {}
    del newest
    return Batch([*records, *problems], _copy(cursor), note=_note(cursor))


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
            "The first word of that line in a mail you got: mx.google.com at Gmail. Only mails that it vouches"
            " for count; several names with blanks between.",
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
            "Gmail: Google Account, Security, 2-Step Verification on; then App passwords, make one for Courtship.",
            "Outlook.com: no passwords over IMAP any more; under Settings, Mail, Forwarding send the mails to another"
            " mailbox. Microsoft 365: ask whether your organisation allows app passwords.",
            "Fastmail, iCloud, Yahoo: make an app password in the account's security settings.",
            "Look at the source of one genuine notification: the first word after Authentication-Results is your"
            " mail host's name.",
        ),
        wait="Minutes.",
        link="https://myaccount.google.com/apppasswords",
    ),
    permission="To read one folder. Nothing is marked as read, moved, deleted or sent.",
    shows=SHOWS,
    check=check,
    run=run,
    can_say="Who followed, liked, commented, mentioned, shared, wrote or recommended, as the platforms' mails tell it,"
    " mostly within seconds.",
    cannot_say="What the platforms send no mail about, what stands in wordings that are not known yet, and mailboxes"
    " that want OAuth (sign-in in a browser) instead of a password: that is not built.",
    verified="real server",
)
