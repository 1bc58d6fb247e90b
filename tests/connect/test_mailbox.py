"""The mailbox connector against a real Dovecot: heard at once, cut off, killed, renumbered, refused."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

import pytest
from tests.connect.sessions import Listener, session
from tests.testbeds.dovecot import PASSWORD, USER, Dovecot

from courtship.connect import imap, mailbox
from courtship.connect.mailbox import CONNECTOR
from courtship.errors import ConnectionRefused, Unreachable
from courtship.model import Coverage, Profile

pytestmark = [pytest.mark.mail, pytest.mark.timeout(300)]

HOST = "mx.tearoom.example.com"
BRAND = frozenset({"facebook:name/mira holt"})


def notification(
    number: int,
    *,
    name: str = "Ann Bell",
    did: str = "commented on your post",
    host: str = HOST,
    day: int = 4,
    sent_by: str = "Facebook <notification@facebookmail.com>",
) -> bytes:
    """A mail as Facebook writes them."""
    return (
        f"Delivered-To: {USER}\n"
        f"Authentication-Results: {host}; dkim=pass header.d=facebookmail.com\n"
        f"From: {sent_by}\nTo: Mira Holt <{USER}>\nSubject: {name} {did}\n"
        f"Date: Mon, {day} May 2026 10:{number % 60:02d}:00 +0000\nMessage-ID: <{number}@facebookmail.com>\n"
        "Content-Type: text/html; charset=utf-8\n\n"
        f'<html><body><a href="https://www.facebook.com/ann">{name}</a> {did}</body></html>\n'
    ).encode()


LETTER = b"From: Bo <bo@example.org>\nTo: Mira <mira@example.org>\nSubject: Dinner, secret\n\nAt eight.\n"


def settings(server: Dovecot, **more: str) -> dict[str, str]:
    return {
        "host": "127.0.0.1",
        "port": str(server.port),
        "security": "plain",
        "user": USER,
        "password": PASSWORD,
        "mail_host": HOST,
        **more,
    }


def _has(heard: Listener, many: int) -> bool:
    return len(heard.acts) == many


def test_a_mail_is_an_act_within_two_seconds(mail_server: Dovecot) -> None:
    with Listener(CONNECTOR, settings(mail_server), brand=BRAND) as heard:
        heard.until(lambda: heard.batches, "the first batch")
        took = []
        for number in range(5):
            time.sleep(0.3)
            began = time.monotonic()
            mail_server.append(notification(number))
            heard.until(partial(_has, heard, number + 1))
            took.append(time.monotonic() - began)
    assert sorted(took)[len(took) // 2] < 2.0, f"IDLE took {took}"
    assert {(act.actor, act.target, act.kind) for act in heard.acts} == {
        ("facebook:name/ann bell", "facebook:name/mira holt", "comment")
    }
    assert not heard.failures
    spans = [one for one in heard.told if isinstance(one, Coverage)]
    assert {(one.account, one.direction, one.seen) for one in spans} == {
        ("facebook:name/mira holt", "inbound", "some")
    }


def test_mails_stay_unread_and_strangers_letters_unseen(mail_server: Dovecot) -> None:
    mail_server.append(LETTER)
    mail_server.append(notification(1))
    with Listener(CONNECTOR, settings(mail_server), brand=BRAND) as heard:
        heard.until(lambda: heard.acts)
        mail_server.append(notification(2))
        heard.until(lambda: len(heard.acts) == 2)
    client = mail_server.client()
    client.select("INBOX", readonly=True)
    assert client.uid("SEARCH", "SEEN")[1] == [b""]
    assert len(client.uid("SEARCH", "ALL")[1][0].split()) == 3
    client.logout()
    assert "Dinner" not in repr(heard.batches)


def test_what_is_not_understood_is_counted_not_shown(mail_server: Dovecot) -> None:
    mail_server.append(notification(1, did="did something unheard of to your SECRET"))
    mail_server.append(notification(2, host="mx.elsewhere.example"))
    with Listener(CONNECTOR, settings(mail_server), brand=BRAND) as heard:
        heard.until(lambda: len(heard.problems) == 2)
        for number in (3, 4):
            mail_server.append(notification(number, did="did something unheard of to your SECRET"))
        heard.until(lambda: heard.cursor["last"] == 4)
    assert not heard.acts
    reasons = [one.reason for one in heard.problems]
    assert any(one.startswith("1 mail of Facebook not understood, please review") for one in reasons)
    assert any("not vouched for by your mail host but by another" in one for one in reasons)
    assert "SECRET" not in repr(heard.batches)


def test_without_a_mail_host_nothing_counts(mail_server: Dovecot) -> None:
    mail_server.append(notification(1))
    with Listener(CONNECTOR, settings(mail_server, mail_host=""), brand=BRAND) as heard:
        heard.until(lambda: heard.problems)
    assert not heard.acts
    assert "name your mail host" in heard.problems[0].reason
    assert HOST in heard.problems[0].reason


def test_a_long_back_fill_is_taken_up_where_it_was_cut(
    mail_server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "SLICE", 20)
    mail_server.append_many([notification(number, name=f"Ann {chr(97 + number)}") for number in range(26)])
    mail_server.append_many([LETTER] * 40)
    mail_server.append_many(
        [notification(90 + number, name=f"Bo {chr(97 + number)}") for number in range(26)]
    )
    with Listener(CONNECTOR, settings(mail_server), brand=BRAND) as first:
        first.until(lambda: len(first.batches) >= 3)
        first.stop.set()
    told = len(first.acts)
    assert 0 < told < 52
    mail_server.append(notification(200, name="Cleo Day"))  # arrives while nobody listens
    with Listener(CONNECTOR, settings(mail_server), cursor=first.cursor, brand=BRAND) as second:
        second.until(lambda: len({act.id for act in [*first.acts, *second.acts]}) == 53)
        second.until(lambda: second.cursor["next"] >= second.cursor["from"])
    assert not {act.id for act in first.acts} & {act.id for act in second.acts}, "nothing is read twice"
    assert second.batches[1].records, "what arrived meanwhile comes first"


def test_the_line_is_cut_and_the_server_killed(mail_server: Dovecot) -> None:
    with Listener(CONNECTOR, settings(mail_server), brand=BRAND) as heard:
        heard.until(lambda: heard.batches)
        mail_server.append(notification(1))
        heard.until(lambda: len(heard.acts) == 1)
        mail_server.cut_sessions()
        heard.until(lambda: heard.failures, "the cut")
        mail_server.append(notification(2))
        heard.until(lambda: len(heard.acts) == 2)
        failed = len(heard.failures)
        mail_server.kill()
        heard.until(lambda: len(heard.failures) > failed, "the death")
        mail_server.start()
        mail_server.append(notification(3))
        heard.until(lambda: len(heard.acts) == 3)
    assert all(isinstance(one, Unreachable) for one in heard.failures), heard.failures


def test_a_folder_made_anew_is_read_anew_and_counts_once(mail_server: Dovecot) -> None:
    client = mail_server.client()
    client.create("Social")
    mail_server.append_many([notification(1), notification(2)], "Social")
    with Listener(CONNECTOR, settings(mail_server, folder="Social"), brand=BRAND) as heard:
        heard.until(lambda: len(heard.acts) == 2)
    validity = heard.cursor["validity"]
    client.delete("Social")
    time.sleep(1.1)  # Dovecot takes the time as UIDVALIDITY
    client.create("Social")
    client.logout()
    mail_server.append_many([notification(1), notification(2), notification(3)], "Social")
    with Listener(
        CONNECTOR, settings(mail_server, folder="Social"), cursor=heard.cursor, brand=BRAND
    ) as anew:
        anew.until(lambda: len(anew.acts) == 3)
    assert anew.cursor["validity"] != validity
    assert set(heard.acts) <= set(anew.acts), "the same mails tell the same"


def test_without_idle_it_looks_now_and_then(
    mail_server_without_idle: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "POLL", 0.2)
    server = mail_server_without_idle
    with Listener(CONNECTOR, settings(server), brand=BRAND) as heard:
        heard.until(lambda: heard.batches)
        server.append(notification(1))
        heard.until(lambda: heard.acts)
    assert not heard.failures


def test_idle_is_renewed(mail_server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "RENEW", 0.2)
    monkeypatch.setattr(imap, "GLANCE", 0.1)
    monkeypatch.setattr(mailbox, "BEAT", 0)
    with Listener(CONNECTOR, settings(mail_server), brand=BRAND) as heard:
        heard.until(lambda: len(heard.batches) > 5)
        mail_server.append(notification(1))
        heard.until(lambda: heard.acts)
    assert not heard.failures


def test_a_wrong_password_and_folder_are_said_plainly(mail_server: Dovecot) -> None:
    with pytest.raises(ConnectionRefused, match=r"refused the user name or password of mira@.*app password"):
        CONNECTOR.check(session(CONNECTOR, settings(mail_server, password="wrong")))
    with pytest.raises(ConnectionRefused, match="no folder 'Nowhere'; there are: INBOX"):
        CONNECTOR.check(session(CONNECTOR, settings(mail_server, folder="Nowhere")))
    found = CONNECTOR.check(session(CONNECTOR, settings(mail_server)))
    assert isinstance(found, Profile)
    assert (found.account, found.own) == (f"email:{USER}", True)


def test_tls_is_asked_for_and_checked(mail_server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    secure = {"host": "localhost", "security": "", "port": str(mail_server.tls_port)}
    with pytest.raises(ConnectionRefused, match="certificate of localhost is not valid"):
        CONNECTOR.check(session(CONNECTOR, settings(mail_server, **secure)))
    monkeypatch.setenv("SSL_CERT_FILE", str(mail_server.certificate))
    CONNECTOR.check(session(CONNECTOR, settings(mail_server, **secure)))
    CONNECTOR.check(session(CONNECTOR, settings(mail_server, host="localhost", security="starttls")))
    with pytest.raises(Unreachable, match="speaks no TLS here"):
        CONNECTOR.check(session(CONNECTOR, settings(mail_server, host="localhost", security="tls")))


def test_a_password_is_not_sent_in_the_clear() -> None:
    with pytest.raises(ConnectionRefused, match=r"anybody on the way to imap.example.com could read"):
        CONNECTOR.check(
            session(
                CONNECTOR, {"host": "imap.example.com", "security": "plain", "user": "a", "password": "b"}
            )
        )


@contextmanager
def odd_server(words: bytes, *, hang: bool) -> Iterator[int]:
    """A server that says a few words and then nothing, or hangs up."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            server.settimeout(20)
            try:
                line, _ = server.accept()
            except OSError:
                return
            with line:
                line.sendall(words)
                if hang:
                    done.wait(20)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        done.set()
    thread.join(20)


@pytest.mark.parametrize(
    ("words", "hang", "said"),
    [
        (b"", True, "did not answer"),
        (b"* OK half an ans", False, "the line to 127.0.0.1 broke"),
        (b"SSH-2.0-OpenSSH\r\n", False, "the line to 127.0.0.1 broke"),
        (b"", False, "the line to 127.0.0.1 broke"),
    ],
)
def test_servers_that_hang_or_break_off(
    words: bytes, hang: bool, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "PATIENCE", 0.5)
    with odd_server(words, hang=hang) as port:
        given = {"host": "127.0.0.1", "port": str(port), "security": "plain", "user": "a", "password": "b"}
        tried = session(CONNECTOR, given)
        with pytest.raises(Unreachable, match=said):
            CONNECTOR.check(tried)


@pytest.mark.parametrize("command", ["LOGIN", "EXAMINE", "SEARCH"])
def test_a_server_that_sends_a_letter_now_and_then_is_left(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is never silent for as long as one waits, and never done. (The greeting is not held to that.)"""
    monkeypatch.setattr(imap, "LONGEST", 1.0)
    said = {
        "CAPABILITY": "* CAPABILITY IMAP4rev1 IDLE\r\n",
        "EXAMINE": "* 1 EXISTS\r\n* OK [UIDVALIDITY 1] .\r\n* OK [UIDNEXT 2] .\r\n",
    }
    done = threading.Event()

    def serve(server: socket.socket) -> None:
        server.settimeout(20)
        with suppress(OSError):
            line, _ = server.accept()
            with line, line.makefile("rb") as words:
                line.sendall(b"* OK here\r\n")
                for asked in words:
                    tag, _, rest = asked.decode().strip().partition(" ")
                    name = rest.removeprefix("UID ").partition(" ")[0].upper()
                    while name == command and not done.wait(0.05):
                        line.sendall(b"x")
                    line.sendall(f"{said.get(name, '')}{tag} OK done\r\n".encode())

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,), daemon=True)
        thread.start()
        port = str(server.getsockname()[1])
        given = {"host": "127.0.0.1", "port": port, "security": "plain", "user": "a", "password": "b"}
        tried = session(CONNECTOR, given)
        began = time.monotonic()
        with pytest.raises(Unreachable, match=r"the line to 127\.0\.0\.1 broke"):
            for _ in CONNECTOR.run(tried):
                pass
        assert time.monotonic() - began < 25
        done.set()
        thread.join(20)
