"""The WordPress connector against a real WordPress: moderation, replies, posts, failures."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pytest
from tests.connect.sessions import Listener, session
from tests.testbeds.wordpress import WordPress

from courtship.connect import feed, wordpress
from courtship.connect.wordpress import CONNECTOR
from courtship.errors import ConnectionRefused, Unreachable
from courtship.model import Activity, Post, Profile, Undo
from courtship.testing import read_fixture

pytestmark = [pytest.mark.wordpress, pytest.mark.timeout(300)]
SITE = "wordpress:127.0.0.1"


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks often, so that the tests do not wait."""
    monkeypatch.setattr(wordpress, "POLL", 0.3)
    monkeypatch.setattr(wordpress, "SWEEP", 1_000_000)
    monkeypatch.setattr(feed, "POLL", 0.3)


def settings(blog: WordPress, user: str = "mira") -> dict[str, str]:
    return {"site": blog.url, "user": user, "password": blog.passwords.get(user, "wrong")}


def _listens(heard: Listener) -> bool:
    return any(one.note == "listening" for one in heard.batches)


def of(heard: Listener, comment: int) -> list[Activity]:
    return [one for one in heard.acts if one.id == f"127.0.0.1/comment/{comment}"]


def ends(heard: Listener, comment: int) -> list[Undo]:
    undoes = f"127.0.0.1/comment/{comment}"
    return [one for one in heard.told if isinstance(one, Undo) and one.undoes == undoes]


def test_a_comment_its_edit_the_reply_and_what_moderation_does(blog: WordPress) -> None:
    post = blog.post("New cups", tags="News, Cups & bowls")
    with Listener(CONNECTOR, settings(blog)) as heard:
        heard.until(lambda: any(one.note == "listening" for one in heard.batches), "listening")
        assert blog.visit(post, "Lovely!", name="Fay", email="fay@example.net") == 302
        heard.until(lambda: any(one.text == "Lovely!" for one in heard.acts))
        (lovely,) = [one for one in heard.acts if one.text == "Lovely!"]
        assert (lovely.kind, lovely.actor, lovely.target) == (
            "comment", f"{SITE}/fay@example.net", f"{SITE}/mira",
        )  # fmt: skip

        ann = blog.comment(post, "Which clay?")
        reply = blog.comment(post, "Stoneware.", by="mira", parent=ann)
        heard.until(lambda: of(heard, reply))
        assert (of(heard, ann)[0].actor, of(heard, ann)[0].target) == (
            f"{SITE}/ann@example.org",
            f"{SITE}/mira",
        )
        assert (of(heard, reply)[0].actor, of(heard, reply)[0].target) == (
            f"{SITE}/mira", f"{SITE}/ann@example.org",
        ), "the blog's own reply is outbound, towards whoever it answers"  # fmt: skip

        held = blog.comment(post, "Buy pills", by="bo", held=True)
        later = blog.comment(post, "A mark that the held one was passed over", by="bo")
        heard.until(lambda: of(heard, later))
        assert not of(heard, held), "what waits is no act yet"
        blog.set_status(held, "approve")
        heard.until(lambda: of(heard, held))

        blog.edit(ann, "Which clay is it?")
        heard.until(lambda: len(of(heard, ann)) == 2)
        assert [one.text for one in of(heard, ann)] == ["Which clay?", "Which clay is it?"]

        blog.set_status(held, "spam")
        heard.until(lambda: ends(heard, held))
        assert not ends(heard, held)[0].blank
        blog.set_status(later, "trash")
        heard.until(lambda: ends(heard, later))
        blog.delete(reply)
        heard.until(lambda: ends(heard, reply))
        assert ends(heard, reply)[0].blank, "deleted for good: its words go too"
        blog.set_status(held, "approve")
        heard.until(lambda: any("is approved again" in one.reason for one in heard.problems))
    assert not heard.failures
    assert len([one for one in heard.told if isinstance(one, Undo)]) == 3, "each end is told once"
    posts = {one.object: one for one in heard.told if isinstance(one, Post)}
    assert posts[f"{blog.url}/?p={post}"].tags == ("Cups & bowls", "News")


def test_the_export_tells_the_same(blog: WordPress, tmp_path: Path) -> None:
    post = blog.post("Oolong", author=1)
    ann = blog.comment(post, "How long does it <b>draw</b>? &amp; how hot")
    blog.comment(post, "Three minutes", by="mira", parent=ann)
    blog.comment(post, "Four", by="tom", parent=ann)
    blog.comment(post, "Waits", by="bo", held=True)
    with Listener(CONNECTOR, settings(blog)) as heard:
        heard.until(lambda: any(one.note == "listening" for one in heard.batches))
    file = tmp_path / "tearoom.wordpress.xml"
    file.write_text(blog.export())
    exported = read_fixture(file)
    live = {one.id: one for one in heard.acts}
    assert {one.id: one for one in exported if isinstance(one, Activity)} == live
    assert {one for one in exported if isinstance(one, Post)} == {
        one for one in heard.told if isinstance(one, Post)
    }
    own = {one.account for one in heard.told if isinstance(one, Profile) and one.own}
    assert own == {SITE, f"{SITE}/mira", f"{SITE}/tom@tearoom.example.com"}
    assert {one.account for one in exported if isinstance(one, Profile) and one.own} <= own


def test_an_editors_password_tells_the_same_acts(blog: WordPress) -> None:
    post = blog.post("Sencha")
    blog.comment(post, "Fresh")
    told = []
    for user in ("mira", "tom"):
        with Listener(CONNECTOR, settings(blog, user)) as heard:
            heard.until(partial(_listens, heard))
        told.append(set(heard.acts))
    assert told[0] == told[1]


def test_a_back_fill_is_taken_up_and_the_server_killed(
    blog: WordPress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wordpress, "PAGE", 5)
    post = blog.post("Many")
    every = [blog.comment(post, f"word {number}") for number in range(3)]
    blog.inside(
        f"for ($i = 0; $i < 30; $i++) wp_insert_comment(array('comment_post_ID' => {post},"
        " 'comment_content' => \"many $i\", 'comment_author' => 'Cleo',"
        " 'comment_author_email' => 'cleo@example.org',"
        " 'comment_approved' => 1));"
    )
    with Listener(CONNECTOR, settings(blog)) as first:
        first.until(lambda: len(first.batches) >= 3)
        first.stop.set()
    with Listener(CONNECTOR, settings(blog), cursor=first.cursor) as second:
        second.until(lambda: any(one.note == "listening" for one in second.batches))
        assert not {one.id for one in first.acts} & {one.id for one in second.acts}, "nothing is read twice"
        mine = {one.text for one in [*first.acts, *second.acts] if one.object == f"{blog.url}/?p={post}"}
        assert mine == {f"word {number}" for number in range(3)} | {f"many {number}" for number in range(30)}
        blog.kill()
        second.until(lambda: second.failures)
        blog.start()
        new = [blog.comment(post, f"after {number}") for number in range(12)]  # more than a page
        second.until(lambda: all(of(second, one) for one in new))
        blog.delete(every[0])  # long off the newest page
        second.until(lambda: ends(second, every[0]))
    assert all(isinstance(one, Unreachable) or "connect" in str(one).lower() for one in second.failures)


def test_permalinks_on(blog: WordPress) -> None:
    blog.pretty_permalinks(True)
    try:
        post = blog.post("Matcha")
        comment = blog.comment(post, "Green")
        with Listener(CONNECTOR, settings(blog)) as heard:
            heard.until(lambda: of(heard, comment))
        assert "/matcha/" in (of(heard, comment)[0].object or "")
    finally:
        blog.pretty_permalinks(False)


def test_refusals_are_plain(blog: WordPress) -> None:
    with pytest.raises(ConnectionRefused, match="refused the user name or application password of mira"):
        CONNECTOR.check(session(CONNECTOR, {**settings(blog), "password": "wrong"}))
    with pytest.raises(ConnectionRefused, match="does not let ann see all comments"):
        CONNECTOR.check(session(CONNECTOR, settings(blog, "ann")))
    with pytest.raises(ConnectionRefused, match="is not encrypted"):
        CONNECTOR.check(session(CONNECTOR, {**settings(blog), "site": "http://tearoom.example.com"}))
    with pytest.raises(ConnectionRefused, match="is no WordPress, or"):
        CONNECTOR.check(session(CONNECTOR, {**settings(blog), "site": f"{blog.url}/readme.html"}))
    found = CONNECTOR.check(session(CONNECTOR, settings(blog)))
    assert (found.account, found.name, found.own) == (SITE, "The tea room", True)


def test_without_a_password_the_comments_feed_is_read(blog: WordPress) -> None:
    post = blog.post("Rooibos")
    blog.comment(post, "Red")
    site = {"site": blog.url, "user": "", "password": ""}
    assert CONNECTOR.check(session(CONNECTOR, site)).account == f"web:127.0.0.1:{blog.port}"
    with Listener(CONNECTOR, site) as heard:
        heard.until(lambda: any(one.text == "Red" for one in heard.acts))
        time.sleep(1.1)  # its feeds' Last-Modified has whole seconds
        blog.comment(post, "As a fox")
        heard.until(lambda: any(one.text == "As a fox" for one in heard.acts))
    assert any(isinstance(one, Post) and one.text.startswith("Rooibos") for one in heard.told)
    assert not heard.failures
