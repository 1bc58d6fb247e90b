"""Notification e-mails: own mailboxes against golden files, recorded mails of others, forgeries, damage."""

from __future__ import annotations

import base64
import random
import time
import tracemalloc
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sources.notification_mails import BOX, FIXTURES, HOST, eml
from tests.sources.shared_fixtures import shared

from courtship.model import Activity, Coverage, Decision, Problem, Profile, Total
from courtship.platforms.notification_mail import mime
from courtship.platforms.notification_mail.reading import Reader
from courtship.service.importing.importing import import_paths
from courtship.sources import mailboxes, registry
from courtship.sources.walk import open_tree
from courtship.store.workspace import Workspace
from courtship.testing import NOW, check_fixture, read_fixture
from courtship.times import parse_iso

POST = "https://www.facebook.com/permalink.php?story_fbid=123&id=456"


@pytest.fixture(scope="module")
def told() -> list[Any]:
    return list(read_fixture(BOX))


@pytest.fixture(scope="module")
def acts(told: list[Any]) -> list[Activity]:
    return [one for one in told if isinstance(one, Activity)]


def read(
    path: Path, *, brand: frozenset[str] = frozenset(), settings: Mapping[str, str] | None = None
) -> list[Any]:
    """Everything that is told of a path, decisions too."""
    values = {"mail.host": HOST, **(settings or {})}
    found: list[Any] = []
    with open_tree(path) as tree:
        for claim in registry.claims(tree, now=NOW, settings=values, brand=brand):
            found += claim.source.read(claim)
    return found


def of(found: list[Any], kind: type) -> list[Any]:
    return [one for one in found if isinstance(one, kind)]


def test_golden() -> None:
    check_fixture(BOX)
    check_fixture(FIXTURES / "Maildir")


def test_who_did_what(acts: list[Activity]) -> None:
    (comment,) = [a for a in acts if a.actor == "facebook:name/ann bell" and a.kind == "comment"]
    assert (comment.text, comment.in_reply_to, comment.object) == ("Lovely tea", POST, POST)
    assert comment.url == f"{POST}&comment_id=77"
    assert (comment.target, comment.at) == ("facebook:name/mira holt", parse_iso("2026-05-04T10:00:00Z"))
    (reply,) = [a for a in acts if a.actor == "x:@ann_b"]
    assert (reply.object, reply.url) == (
        "https://x.com/i/status/1790000000000000001",
        "https://x.com/i/status/1790000000000000002",
    )
    assert {a.actor for a in acts if a.kind == "follow" and a.target.startswith("instagram:")} == {
        "instagram:ann_b",
        "instagram:bo.lee",
    }
    assert {a.actor for a in acts if a.kind == "share"} == {"pinterest:annbell"}
    (follower,) = [a for a in acts if a.kind == "follow" and a.target == "x:@mira_tea"]
    assert follower.actor == "x:@cleo", "the handle stands in the mail, not in the subject"


def test_ann_and_three_others_are_ann_and_a_total(told: list[Any], acts: list[Activity]) -> None:
    likes = [a for a in acts if a.object == POST and a.kind == "like"]
    assert {a.actor for a in likes} == {"facebook:name/ann bell", "facebook:name/bo lee"}
    assert len(likes) == 2, "Ann is in two mails about one like"
    (total,) = of(told, Total)
    assert (total.object, total.kind, total.amount) == (POST, "like", 4)


def test_a_friendship_stands_both_ways(acts: list[Activity]) -> None:
    both = {(a.actor, a.target) for a in acts if "dana fox" in a.actor + a.target}
    assert both == {
        ("facebook:name/dana fox", "facebook:name/mira holt"),
        ("facebook:name/mira holt", "facebook:name/dana fox"),
    }, "and her request of the hour before, which is a follow already"


def test_forgeries_are_refused_and_listed(told: list[Any], acts: list[Activity]) -> None:
    assert not [a for a in acts if "eve" in a.actor]
    refused = [p.reason for p in of(told, Problem) if p.reason.startswith("refused")]
    assert len(refused) == 5
    assert "and 2 more like it" in refused[0], "failed, forged below the topmost, and within a comment"
    assert "by another" in refused[1]
    assert "no mail host has checked it" in refused[2]
    assert "faceb00kmail.com is not Facebook" in refused[3]
    assert "evil.example is not Facebook" in refused[4]


def test_what_is_not_understood_is_listed_with_subject_and_sender(told: list[Any]) -> None:
    review = [p.reason for p in of(told, Problem) if p.reason.startswith("not understood")]
    assert len(review) == 4
    assert "Salt and Pepper like your post" in review[0]
    assert "inmail-hit-reply@linkedin.com" in review[1], "a subject that somebody wrote is no sentence"
    assert "waved at your post" in review[2]
    assert not [p for p in of(told, Problem) if "Dinner" in p.reason], "others' mails are nobody's business"


def test_whose_account_it_was(told: list[Any], acts: list[Activity]) -> None:
    offered = {p.account for p in of(told, Profile) if p.own}
    assert offered == {
        "instagram:mail/mira@tearoom.example.com",
        "youtube:mail/mira@tearoom.example.com",
        "pinterest:mail/mira@tearoom.example.com",
    }
    assert not [a for a in acts if "gus" in a.actor], "passed on: not ours without our word"
    (asked,) = [p.reason for p in of(told, Problem) if "--mail-account else@elsewhere.example" in p.reason]
    assert "Gus Ito commented" in asked


def test_an_address_that_is_named_is_ours_though_passed_on(tmp_path: Path) -> None:
    path = eml(tmp_path, "x", more="Delivered-To: other@example.org\n")
    (problem,) = read(path, brand=frozenset({"facebook:mira"}))
    assert "--mail-account mira@example.com=facebook:YOU" in problem.reason
    named = {"mail.account.facebook.mira@example.com": "facebook:mira"}
    assert {a.target for a in of(read(path, settings=named), Activity)} == {"facebook:mira"}
    path = eml(tmp_path, "x", more="Delivered-To: Mira+tag@Example.com\n")
    assert of(read(path), Activity)


def test_another_address_is_not_ours_without_a_word(tmp_path: Path) -> None:
    one = eml(tmp_path, "x").read_text()
    two = one.replace("mira@example.com", "eve@example.org").replace("<1@x>", "<2@x>")
    (tmp_path / "box.mbox").write_bytes(box_of([one.encode(), two.encode()]))
    (tmp_path / "mail.eml").unlink()
    found = read(tmp_path, brand=frozenset({"facebook:mira"}))
    assert len(of(found, Activity)) == 1
    (problem,) = of(found, Problem)
    assert "--mail-account eve@example.org=facebook:YOU" in problem.reason


def test_where_nothing_is_believed_the_name_may_be_wrong(tmp_path: Path) -> None:
    found = read(BOX, settings={"mail.host": "mx.wrong.example"})
    assert not of(found, Activity)
    assert f"most name {HOST}" in of(found, Problem)[0].reason


def test_the_first_choice_is_kept(tmp_path: Path) -> None:
    path = eml(tmp_path, "x")
    found = read(path, brand=frozenset({"facebook:name/mira"}))
    (decision,) = of(found, Decision)
    assert (decision.subject, decision.detail) == (
        "mail.account.facebook.mira@example.com",
        {"value": "facebook:name/mira"},
    )
    settings = {decision.subject: "facebook:name/mira"}
    with open_tree(path) as tree:
        (claim,) = registry.claims(tree, now=NOW, settings={"mail.host": HOST, **settings})
        again = list(claim.source.read(claim))
    assert {a.target for a in of(again, Activity)} == {"facebook:name/mira"}
    assert not of(again, Decision)
    assert {a.target for a in of(read(path), Activity)} == {"facebook:mail/mira@example.com"}


def test_coverage_is_some_from_the_first_to_the_last(told: list[Any]) -> None:
    shown = {
        (c.account, c.kind): (c.direction, c.seen, c.start, c.end)
        for c in of(told, Coverage)
        if c.account == "linkedin:mira-holt"
    }
    assert shown["linkedin:mira-holt", "endorse"] == (
        "inbound",
        "some",
        parse_iso("2026-05-06T10:00:00Z"),
        parse_iso("2026-05-06T12:00:00Z") + 1,
    )
    assert ("linkedin:mira-holt", "quote") not in shown


def test_without_a_host_nothing_is_believed(tmp_path: Path) -> None:
    with open_tree(BOX) as tree:
        (claim,) = registry.claims(tree, now=NOW)
        found = list(claim.source.read(claim))
    assert not of(found, Activity)
    (waiting,) = [p.reason for p in of(found, Problem) if "--mail-host" in p.reason]
    assert "Facebook 1" in waiting
    assert HOST in waiting
    assert len(of(found, Problem)) == 3, "and two that imitate"


# ---------------------------------------------------------------- whom to believe


def test_two_senders_are_refused(tmp_path: Path) -> None:
    path = eml(tmp_path, "x", more="From: Ann <ann@family.example>\n")
    (problem,) = read(path)
    assert "does not say who sent it" in problem.reason


def test_a_mail_within_a_mail_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "m.eml"
    inner = "From: x@y\nContent-Type: text/html\n\n<p><a href='#'>Eve Ray</a> endorsed you for Tea</p>"
    path.write_text(
        f"Authentication-Results: {HOST}; dkim=pass header.d=linkedin.com\nFrom: <invitations@linkedin.com>\n"
        'To: a@b.example\nSubject: odd\nContent-Type: multipart/mixed; boundary="b"\n\n'
        f"--b\nContent-Type: message/rfc822\n\n{inner}\n--b--\n"
    )
    (problem,) = read(path)
    assert "not understood" in problem.reason


def test_words_of_a_comment_are_no_sentence(tmp_path: Path) -> None:
    path = eml(tmp_path, "<p>Eve Ray shared your post</p>", subject="Something new happened")
    (problem,) = read(path)
    assert "not understood" in problem.reason


@pytest.mark.parametrize(
    ("subject", "kind", "actor", "object"),
    [
        ("ann@far.example favorited your post", "like", "mastodon:ann@far.example", True),
        ("bo boosted your post", "share", "mastodon:bo@tea.example", True),
        ("You were mentioned by bo", "mention", "mastodon:bo@tea.example", False),
        ("Ann@far.example folgt dir jetzt", "follow", "mastodon:ann@far.example", False),
    ],
)
def test_mastodons_mails_come_from_the_brands_own_server(
    tmp_path: Path, subject: str, kind: str, actor: str, object: bool
) -> None:
    path = eml(
        tmp_path,
        '<a href="https://tea.example/@mira/123">post</a> <a href="https://far.example/@x/9">x</a>',
        subject=subject,
        sent_by="Tea <notifications@mail.tea.example>",
        results=f"{HOST}; dkim=pass header.d=tea.example",
    )
    (act,) = of(read(path, brand=frozenset({"mastodon:mira@tea.example"})), Activity)
    assert (act.kind, act.actor, act.target) == (kind, actor, "mastodon:mira@tea.example")
    assert act.object == ("https://tea.example/users/mira/statuses/123" if object else None)
    assert read(path) == [], "a server where the brand is not: anybody's mail"


# ---------------------------------------------------------------- mails that others recorded


def test_facebook_mails_recorded_by_others(tmp_path: Path) -> None:
    folder = shared("email") / "snarfed+granary/granary/tests/testdata"
    like = read(eml(tmp_path, (folder / "facebook.like.email.html").read_text(), subject="Notification"))
    (act,) = of(like, Activity)
    assert (act.kind, act.actor, act.object, act.actor_name) == (
        "like",
        "facebook:name/ryan barrett",
        POST,
        "Ryan Barrett",
    )
    (profile,) = [one for one in of(like, Profile) if one.name == "Ryan Barrett"]
    assert profile.url == "https://www.facebook.com/snarfed.org"
    html = (folder / "facebook.comment.email.html").read_text()
    links = {"post_url": POST, "profile_url": "https://www.facebook.com/n/?snarfed.org&amp;aref=1"}
    for name, link in links.items():
        html = html.replace(f"%({name})s", link.replace("?permalink.php", "n/?permalink.php"))
    (act,) = of(read(eml(tmp_path, html, subject="Notification")), Activity)
    assert (act.kind, act.actor, act.in_reply_to, act.text) == (
        "comment",
        "facebook:name/ryan barrett",
        POST,
        "test comment foo bar baz",
    )


def test_the_invitation_recorded_by_others(tmp_path: Path) -> None:
    recorded = (shared("email") / "paul-hammant+imapdigester/derived/linkedin_foobar.eml").read_text()
    path = tmp_path / "a.eml"
    path.write_text(f"Authentication-Results: {HOST}; dkim=pass header.d=linkedin.com\n{recorded}")
    assert read(path) == [], "an invitation is understood, and nothing that was done"
    path.write_text(recorded)
    (problem,) = read(path)
    assert "no mail host has checked it" in problem.reason
    data = recorded.replace("please add me to your LinkedIn network", "Foo Bar accepted your invitation")
    path.write_text(f"Authentication-Results: {HOST}; dkim=pass header.d=linkedin.com\n{data}")
    there = [a for a in of(read(path), Activity) if a.target == "linkedin:mail/owner@example.com"]
    assert [(a.kind, a.actor) for a in there] == [("follow", "linkedin:name/foo bar")]


# ---------------------------------------------------------------- containers and damage


def box_of(mails: list[bytes], end: bytes = b"\n") -> bytes:
    lines = b"".join(b"From 1@xxx Mon May 04 10:00:00 +0000 2026\n" + mail + b"\n\n" for mail in mails)
    return lines.replace(b"\n", end)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_mailbox_is_split_where_mails_begin(tmp_path: Path, end: bytes) -> None:
    mails = [
        b"Subject: a\n\n>From me\nFrom here to there\n\nFrom nowhere",
        b"Subject: b\n\n" + b"x" * 3_000_000,
        b"Subject: c\n\n" + b"y\n" * 700_000,
        b"Subject: d\n\n",
    ]
    path = tmp_path / "a.mbox"
    path.write_bytes(box_of(mails, end))
    with open_tree(path) as tree:
        found = list(mailboxes.mails(tree.entries[0]))
    assert [raw.data.split(b"\n")[0].strip()[-1:] for raw in found] == [b"a", b"b", b"c", b"d"]
    assert [raw.whole for raw in found] == [True, False, False, True]
    assert max(len(raw.data) for raw in found) <= mailboxes.KEPT


def test_every_container(tmp_path: Path) -> None:
    with open_tree(BOX) as tree:
        first = next(mailboxes.mails(tree.entries[0])).data
    apple = b"%d\n" % len(first) + first
    takeout = b"From 1@xxx Mon\nX-GM-THRID: 1\nX-Gmail-Labels: Social\n" + first
    for name, data in {
        "a.eml": first,
        "INBOX": box_of([first]),
        "Social.mbox/mbox": box_of([first]),
        "Maildir/new/1700.M1.host": first,
        "Maildir/cur/1700.M1.host:2,S": first,
        "1.emlx": apple,
        "Takeout/Mail/Social.mbox": takeout,
    }.items():
        root = tmp_path / name.replace("/", "_").replace(":", "_")
        (root / name).parent.mkdir(parents=True)
        (root / name).write_bytes(data)
        assert len(of(read(root), Activity)) == 1, name
    packed = tmp_path / "takeout.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Takeout/Mail/Social.mbox", takeout)
    assert len(of(read(packed), Activity)) == 1


def test_the_same_mail_in_two_folders_is_one(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "in").mkdir()
    data = eml(tmp_path, "x").read_bytes()
    for name in ("a", "b"):
        (tmp_path / "in" / f"{name}.eml").write_bytes(data)
    done = import_paths(workspace, [tmp_path / "in"], now=NOW, settings={"mail.host": HOST})
    assert (done.new, done.known, done.problems) == (1, 1, [])


def odd() -> Iterator[bytes]:
    head = (
        f"Authentication-Results: {HOST}; dkim=pass header.d=facebookmail.com\n"
        "From: <notification@facebookmail.com>\nTo: a@b.example\nSubject: Ann Bell likes your post\n"
        "Date: Mon, 4 May 2026 10:00:00 +0000\n"
    ).encode()
    yield head
    yield head + b"Content-Type: multipart/mixed\n\nno boundary"
    yield head + b'Content-Type: multipart/mixed; boundary="' + b"(" * 900 + b'"\n\nx'
    yield head + b"Content-Type: text/html; charset=x-unknown\n\n<html>\xff\xfe\x80</html>"
    yield head + b"Content-Type: text/html; charset=utf-7\n\n<html>+AGEAYg-</html>"
    yield head + b"Content-Type: text/html; charset=idna\n\n<html>\xff</html>"
    yield head + b"Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n!!!===\xff"
    yield head + b"Content-Type: text/plain; charset=undefined\n\nx"
    yield head + b"Content-Type: text/plain; charset=unicode_escape\n\n\\"
    yield head + b"Content-Type: text/html; charset=base64\n\nx"
    nested = b""
    for depth in range(2_000):
        nested += b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth)
    yield head + nested
    parts = b"--b\nContent-Type: text/plain\n\nx\n" * 20_000
    yield head + b"Content-Type: multipart/mixed; boundary=b\n\n" + parts + b"--b--\n"
    yield head + b"Content-Type: text/html\n\n<html>" + b"<div>" * 150_000 + b"</html>"
    yield head + b"Content-Type: text/html\n\n<html>" + b"<a href=http://" * 50_000 + b"</html>"
    yield head.replace(b"Ann Bell", b"=?utf-8?q?" + b"=" * 5_000 + b"?=") + b"\n\nx"
    yield head.replace(b"likes", b"=?bogus?b?////?= =?utf-8?x?a?=") + b"\n\nx"
    yield head.replace(b"To: a@b.example", b"To: " + b"<" * 50_000 + b"@" * 50_000) + b"\n\nx"
    yield head.replace(b"; dkim", b"; " + b"(" * 100_000 + b"dkim") + b"\n\nx"
    yield b"X: " + b"y\n " * 200_000 + b"\n\n" + head


@pytest.mark.parametrize("number", range(19))
def test_odd_mails_neither_crash_nor_hang(tmp_path: Path, number: int) -> None:
    path = tmp_path / "odd.eml"
    path.write_bytes(list(odd())[number])
    began = time.process_time()
    for one in read(path):
        assert not isinstance(one, Problem) or "\n" not in one.reason
    assert time.process_time() - began < 10, "by the processor's time: the machine may be busy with others"


@given(st.integers(0, 2**32), st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_damaged_bytes_never_raise(seed: int, changes: int) -> None:
    data = bytearray(BOX.read_bytes()[:6_000])
    chance = random.Random(seed)
    for _ in range(changes):
        data[chance.randrange(len(data))] = chance.randrange(256)
    cut = chance.randrange(len(data))
    reader = Reader({"mail.host": HOST}, frozenset(), NOW)
    for piece in (bytes(data), bytes(data[:cut]), bytes(data[cut:])):
        mail = mime.parse(piece)
        if reader.judged(mail) is None:
            assert reader.vouched(mail).sort in {"told", "nothing", "unknown", "damaged"}


def test_attachments_are_passed_over(tmp_path: Path) -> None:
    page = "<html><body>Ann Bell likes your post</body></html>"
    attached = base64.encodebytes(bytes(10_000_000)).decode()
    path = tmp_path / "big.mbox"
    path.write_text(
        "From x Mon May 04 10:00:00 2026\n"
        f"Authentication-Results: {HOST}; dkim=pass header.d=facebookmail.com\n"
        "From: <notification@facebookmail.com>\nTo: a@b.example\nSubject: Ann Bell likes your post\n"
        "Date: Mon, 4 May 2026 10:00:00 +0000\nContent-Type: multipart/mixed; boundary=b\n\n"
        f"--b\nContent-Type: text/html\n\n{page}\n--b\nContent-Type: image/png\n"
        f"Content-Transfer-Encoding: base64\n\n{attached}\n--b--\n\n"
    )
    tracemalloc.start()
    found = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(of(found, Activity)) == 1
    assert peak < 30_000_000, "the attachment is not held"


def test_parts_are_taken_apart() -> None:
    mail = mime.parse(
        b"Subject: =?utf-8?q?caf=C3=A9?=\r\nX-Long: a\r\n b\r\nContent-Type: multipart/alternative;"
        b'\r\n boundary="=_1 2"\r\n\r\npreamble\r\n--=_1 2\r\n'
        b"Content-Type: text/plain; charset=iso-8859-1\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9 =\r\nau lait\r\n--=_1 2\r\n"
        b"Content-Type: text/html\r\nContent-Disposition: attachment\r\n\r\n<p>not shown</p>\r\n--=_1 2\r\n"
        b'Content-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: BASE64\r\n\r\n'
        + base64.b64encode("<p>café</p>".encode())
        + b"\r\n--=_1 2--\r\n"
    )
    assert (mail.text, mail.html, mail.complete) == ("café au lait", "<p>café</p>", True)
    assert mail.first("x-long") == "a b"
