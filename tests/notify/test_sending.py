"""Messages arrive at real sinks on loopback, in each service's own shape, and no secret is said aloud."""

from __future__ import annotations

import email
import email.policy
import os
from pathlib import Path

import pytest
from tests.notify.conftest import Mails, Sink

from courtship.errors import NotAllowed
from courtship.notify.letters import Item, Letter, Part, letter
from courtship.notify.sending import send, shown

GOLDEN = Path(__file__).parent / "golden"
DIGEST = letter(
    "Kettlewick Bread: 3 things since yesterday",
    "3 things happened since yesterday that you wanted to hear of.",
    [
        Part(
            "Waiting for an answer",
            [
                Item(
                    "Maya <Holt> has waited 4 hours for an answer on Mastodon",
                    "Does the rye & spelt loaf freeze?",
                    "It waits for a word from you.",
                    "http://127.0.0.1:8000/people/abc",
                )
            ],
        ),
        Part("What they did", [Item("Noor liked something of yours"), Item("Ann followed you on X")], 12),
    ],
    foot="Your rules are here:",
    link="http://127.0.0.1:8000/settings/notices",
)
ONE = letter(
    "Kettlewick Bread: Maya shared your post",
    "",
    [Part("", [Item("Maya shared your post", "So good", "A share introduces you to friends: thank them.")])],
    foot="Your rule: When somebody shares your post: tell phone at once.",
)


def check(found: str, name: str) -> None:
    golden = GOLDEN / name
    if os.environ.get("COURTSHIP_GOLDEN") == "write":
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "message"), [("digest", DIGEST), ("one", ONE)])
def test_a_message_reads_well_in_both_forms(name: str, message: Letter) -> None:
    check(message.text, f"{name}.txt")
    check(message.html, f"{name}.html")


@pytest.mark.parametrize(
    "address",
    [
        "json://127.0.0.1:{port}/hook",
        "form://127.0.0.1:{port}/hook",
        "xml://127.0.0.1:{port}/hook",
        "ntfy://127.0.0.1:{port}/bread",
        "gotify://127.0.0.1:{port}/AbCdEfGhIjKlMnO",
        "mmost://127.0.0.1:{port}/3ccdd113474722377935511fc85d3dd4",
        "rocket://user:password1@127.0.0.1:{port}/%23bread?mode=basic",
        "apprise://127.0.0.1:{port}/token4567",
        "hassio://127.0.0.1:{port}/abcdefgh-token",
    ],
)
def test_it_arrives_at_each_service(address: str, sink: Sink) -> None:
    sent = send(address.format(port=sink.port), DIGEST)
    if address.startswith("rocket"):  # it wants a login first, which a sink cannot give
        assert not sent.ok
        assert "password1" not in sent.why
        return
    assert sent.ok, sent.why
    body = " ".join(body for _, _, body in sink.got)
    assert "rye" in body
    assert "Maya" in body


def test_a_mail_has_both_forms(mails: Mails) -> None:
    address = f"mailto://127.0.0.1:{mails.port}?from=bread@example.org&to=owner@example.org&mode=insecure"
    sent = send(address, DIGEST)
    assert sent.ok, sent.why
    found = email.message_from_bytes(mails.got[0], policy=email.policy.default)
    assert found["Subject"] == DIGEST.title
    plain, html = found.get_body(("plain",)), found.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "Does the rye & spelt loaf freeze?" in plain.get_content()
    assert "http://127.0.0.1:8000/people/abc" in html.get_content()
    assert "Maya &lt;Holt&gt;" in html.get_content()


def test_a_failure_is_a_reason_without_the_secret(sink: Sink) -> None:
    sink.refuse = 99
    sent = send(f"json://owner:verysecret@127.0.0.1:{sink.port}/hidden-token", ONE)
    assert not sent.ok
    assert sent.why
    assert "verysecret" not in sent.why
    assert "hidden-token" not in sent.why


def test_an_address_is_shown_without_its_secret() -> None:
    assert "verysecret" not in shown("mailto://owner:verysecret@example.org")
    for wrong in ("hello", "nosuch://x", ""):
        with pytest.raises(NotAllowed):
            shown(wrong)
