"""Saved pages with microformats: made-up ones by their golden file, others' by what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mf2py
import pytest
from tests.sources.shared_fixtures import shared, tally

from courtship.model import Activity, Problem, Profile, Record
from courtship.platforms import webmention
from courtship.platforms.microformats import Page, Reader, page, towards
from courtship.testing import NOW, check_fixture, read_fixture

FIXTURE = Path(__file__).parent / "fixtures/saved-pages/pages-2026-05-04"
BRAND = "web:tearoom.example"


def test_golden() -> None:
    assert tally([*check_fixture(FIXTURE), Profile(BRAND, own=True)]) == {
        "in comment": 3,
        "in like": 2,
        "in share": 1,
        "in quote": 1,
        "in mention": 1,
        "out like": 1,
        "Post": 1,
        "Problem": 1,
        "Profile": 5,
        "Coverage": 6,
    }


def test_a_day_alone_and_no_date_are_not_precise() -> None:
    acts = [one for one in read_fixture(FIXTURE) if isinstance(one, Activity)]
    assert {one.kind for one in acts if not one.precise} == {"share", "mention", "like"}


def test_it_is_told_as_a_receiver_of_webmentions_would() -> None:
    """A saved page and webmention.io tell of the same act in the same words."""
    html = (FIXTURE / "ann-answer.html").read_text()
    found = page(
        mf2py.parse(doc=html, url="https://ann.example/2026/oolong/"), "https://ann.example/2026/oolong/", NOW
    )
    (entry,) = towards(found, "https://tearoom.example/oolong/")
    act = next(one for one in webmention.mention(entry) if isinstance(one, Activity))
    (saved,) = [one for one in Reader(frozenset({BRAND})).page(found) if isinstance(one, Activity)]
    assert act._replace(id="", object="", in_reply_to="") == saved._replace(id="", object="", in_reply_to="")
    assert list(towards(found, "https://tearoom.example/other")) == []


# ------------------------------------------------------------------ pages made by others


def read_others(path: Path, url: str, brand: str) -> list[Record]:
    """A page by others: those of XRay are raw HTTP responses."""
    html = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
    if html.startswith("HTTP/"):
        html = html.partition("\n\n")[2]
    found = page(mf2py.parse(doc=html, url=url), url, NOW)
    assert isinstance(found, Page)
    return list(Reader(frozenset({brand})).page(found))


def only(records: list[Record]) -> tuple[Any, ...]:
    (act,) = [one for one in records if isinstance(one, Activity)]
    return act.kind, act.actor, act.target


@pytest.mark.parametrize(
    ("name", "kind", "actor"),
    [
        ("in-reply-to", "comment", "web:source.example.org"),
        ("like-of", "like", "web:source.example.org"),
        ("like-h-cite", "like", "web:source.example.org"),
        ("like-plain-url", "like", "web:source.example.org"),
        ("like-of-no-photo", "like", "web:source.example.org"),
        ("bookmark-of", "like", "web:source.example.org"),
        ("repost-of", "share", "web:source.example.org"),
        ("author-is-not-an-hcard", "like", "web:source.example.org"),
        ("alternate-url", "comment", "web:source.example.org"),
        ("no-timezone", "comment", "web:source.example.org"),
        ("with-timezone", "comment", "web:source.example.org"),
        ("one-syndication", "comment", "web:source.example.org"),
        ("two-syndications", "comment", "web:source.example.org"),
    ],
)
def test_pages_of_webmention_io(name: str, kind: str, actor: str) -> None:
    folder = shared("blog") / "aaronpk+webmention.io/test/data/source.example.org"
    records = read_others(
        folder / f"{name}.html", f"http://source.example.org/{name}.html", "web:target.example.com"
    )
    assert only(records) == (kind, actor, "web:target.example.com")


@pytest.mark.parametrize(
    ("name", "brand", "act"),
    [
        ("bridgy-follow", "web:realize.be", ("follow", "mastodon:swentel@mastodon.social", "web:realize.be")),
        (
            "follow-of-h-card",
            "web:realize.be",
            ("follow", "mastodon:swentel@mastodon.social", "web:realize.be"),
        ),
        ("quotation-of", "web:twitter.com/gitlost", ("quote", "web:miklb.com", "web:twitter.com/gitlost")),
        ("reply-is-url", "web:example.com", ("comment", "web:source.example.com", "web:example.com")),
        ("duplicate-like-of-urls", "web:example.com", ("like", "web:source.example.com", "web:example.com")),
        (
            "duplicate-in-reply-to-urls",
            "web:example.com",
            ("comment", "web:source.example.com", "web:example.com"),
        ),
        (
            "person-tag-is-h-card",
            "web:alice.example.com",
            ("mention", "web:source.example.com", "web:alice.example.com"),
        ),
        (
            "fragment-id",
            "web:source.example.com",
            ("comment", "web:user.example.com", "web:source.example.com"),
        ),
        ("h-entry-rsvp", "web:source.example.com", None),
        ("no-h-entry", "web:target.example.com", None),
        ("h-recipe", "web:target.example.com", None),
    ],
)
def test_pages_of_xray(name: str, brand: str, act: tuple[str, str, str] | None) -> None:
    folder = shared("blog") / "aaronpk+XRay/tests/data/source.example.com"
    records = read_others(folder / name, f"http://source.example.com/{name}", brand)
    if act is None:
        assert not [one for one in records if isinstance(one, Activity)]
    else:
        assert only(records) == act


def test_an_answer_to_several_is_towards_each() -> None:
    folder = shared("blog") / "aaronpk+XRay/tests/data/source.example.com"
    records = read_others(folder / "reply-is-h-cite", "http://source.example.com/1", "web:example.com")
    acts = [(one.kind, one.target) for one in records if isinstance(one, Activity)]
    assert acts == [("comment", "web:example.com")]


def test_every_page_made_by_others_is_read_without_a_crash() -> None:
    folder = shared("blog") / "aaronpk+XRay/tests/data/source.example.com"
    for path in sorted(folder.iterdir()):
        read_others(path, f"http://source.example.com/{path.name}", "web:target.example.com")


def test_what_is_cut_gone_or_too_much_is_not_read(tmp_path: Path) -> None:
    whole = (FIXTURE / "ann-answer.html").read_text()
    for name, text, reason in (
        ("cut.html", whole[: whole.index("</html>")], "cut short"),
        (
            "gone.html",
            whole.replace("<meta ", '<meta http-equiv="status" content="410 Gone"><meta '),
            "deleted",
        ),
        ("deep.html", whole.replace("</article>", "<div>" * 70_000 + "</article>"), "more tags"),
    ):
        (tmp_path / name).write_text(text)
        (problem,) = read_fixture(tmp_path / name)
        assert isinstance(problem, Problem)
        assert reason in problem.reason
