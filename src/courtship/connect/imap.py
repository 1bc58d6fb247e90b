"""A folder of a mailbox over IMAP4rev1 (RFC 3501) with IDLE (RFC 2177), opened to read and to wait.

Passwords go over TLS; without it only on this machine, or where the owner says so. What goes wrong is told as
the two errors that a connector may raise.
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple

from courtship.connect.base import Session
from courtship.errors import ConnectionRefused, Unreachable
from courtship.model import Micros
from courtship.platforms import times

RENEW: Final = 9 * 60.0
"""Seconds of one IDLE: RFC 2177 allows 29 minutes, Gmail and home routers drop a silent line after ten."""

POLL: Final = 60.0
"""Seconds between two looks where the server offers no IDLE."""

PATIENCE: Final = 30.0
"""Seconds that a server may take to answer."""

LONGEST: Final = 600.0
"""Seconds that a whole answer may take: who sends a letter now and then is never silent."""

GLANCE: Final = 1.0
"""Seconds after which a waiting connection looks whether it is to stop."""

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
_WAITING_HELPS: Final = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|too many|try again", re.IGNORECASE
)
_UID: Final = re.compile(rb"\bUID (\d+)")
_DATE: Final = re.compile(rb'INTERNALDATE "([^"]{10,40})"')

_WHERE_PASSWORDS_ARE: Final[Mapping[str, str]] = {
    "gmail.com": "Gmail takes an app password only (Google Account, Security, App passwords)",
    "googlemail.com": "Gmail takes an app password only (Google Account, Security, App passwords)",
    "outlook.com": "Outlook.com takes no passwords over IMAP any more: let it forward the mails elsewhere",
    "office365.com": "Microsoft 365 takes passwords over IMAP only where your organisation allows them",
    "yahoo.com": "Yahoo takes an app password only (Account security, Generate app password)",
    "me.com": "iCloud takes an app-specific password only (account.apple.com, Sign-In and Security)",
}


class Fetched(NamedTuple):
    uid: int
    at: Micros | None
    data: bytes


class Folder:
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
            with self._in_time():
                self._log_in(settings.get("user", "").strip(), settings.get("password", ""))
                self._capabilities()
                self._open()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """Hangs up where what is asked within takes too long."""
        watch = threading.Timer(LONGEST, self._hang_up)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def _hang_up(self) -> None:
        with suppress(OSError):
            self.client.sock.shutdown(socket.SHUT_RDWR)

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

        answer, _ = self.client.select(encode_folder(self.folder), readonly=True)  # type: ignore[arg-type]
        if answer != "OK":
            names: list[str] = []
            with suppress(Exception):
                names = [one.name for one in self.box.folder.list()][:20]
            if names and self.folder not in names:
                raise ConnectionRefused(
                    f"{self.host} has no folder {self.folder!r}; there are: {', '.join(names)}"
                )
            raise ConnectionRefused(f"{self.host} does not open the folder {self.folder!r}; check its name")
        self.validity = self._number("UIDVALIDITY")
        self.next = self._number("UIDNEXT")

    def _number(self, name: str) -> int:
        _, said = self.client.response(name)
        value = said[0] if said else None
        return int(value) if isinstance(value, bytes) and value.isdigit() else 0

    def uids(self, first: int, last: int | None = None) -> list[int]:
        """The UIDs of the folder from ``first`` to ``last`` (both included), ascending."""
        self.client.untagged_responses.pop("EXISTS", None)  # what it tells of is in this look or a later one
        with self._in_time():
            answer, said = self.client.uid("SEARCH", f"UID {first}:{'*' if last is None else last}")
        _must(answer, said)
        found = b" ".join(part for part in said if isinstance(part, bytes)).split()
        # "n:*" always names the last mail there is, even where it is below n (RFC 3501, 9).
        return sorted(uid for uid in map(int, found) if uid >= first and (last is None or uid <= last))

    def fetch(self, uids: Sequence[int], what: str) -> list[Fetched]:
        """Part of each mail, without marking it as read."""
        if not uids:
            return []
        with self._in_time():
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
                found.append(Fetched(int(uid[1]), at, part[1]))
        return sorted(found)

    def wait(self, session: Session) -> bool:
        """Waits until something happens in the folder or it is time to look; true when to stop."""
        if not self.idles:
            return session.wait(POLL) or self._alive()
        until = time.monotonic() + RENEW
        self.box.idle.start()  # type: ignore[no-untyped-call]
        stop = False
        # A mail that came between the look and IDLE may have been told of with an earlier answer already.
        came = "EXISTS" in self.client.untagged_responses
        while not came and time.monotonic() < until and not stop:
            if self._is_read_already():
                break
            asked = time.monotonic()
            if self.box.idle.poll(GLANCE):
                break
            if time.monotonic() - asked < GLANCE / 2:
                break  # the line is closed: the next words to the server find that out
            stop = session.stopping()
        with self._in_time():
            self.box.idle.stop()  # type: ignore[no-untyped-call]
        return stop

    def _is_read_already(self) -> bool:
        """Whether something was read together with an earlier line (the mail that came with the answer to
        IDLE): the socket has nothing left then, and waiting on it would wait for the mail after that."""
        sock = self.client.sock
        patience = sock.gettimeout()
        sock.setblocking(False)
        try:
            return bool(self.client.file.peek(1))  # type: ignore[union-attr]  # a BufferedReader
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            sock.settimeout(patience)

    def _alive(self) -> bool:
        with self._in_time():
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
            f"without encryption anybody on the way to {host} could read your password: use tls; within a"
            " network of your own say yes to plain_is_fine"
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
def told_plainly(settings: Mapping[str, str]) -> Iterator[None]:
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
