"""Words out of markup, and the repair of damaged letters."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtship.platforms.words import links, plain, repaired, tidy


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("", ""),
        ("plain", "plain"),
        ("a &lt; b &amp; c", "a < b & c"),
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<p>a</p><script>alert(1)</script><style>p{}</style>", "a"),
        ("<!-- wp:paragraph --><p>a\u00a0 b</p><!-- /wp:paragraph -->", "a b"),
        ("  a  \r\n\r\n\r\n  b \x00 ", "a\n\nb"),
        ("<a href='x'>unclosed", "unclosed"),
        ("<" * 3_000, "<" * 3_000),
    ],
)
def test_plain(markup: str, words: str) -> None:
    assert plain(markup) == words


@pytest.mark.parametrize(
    "tag", ["<div>", "<b>", "<ul><li>", "<table><tr><td>", "<a href=x>", "<!--", "<p", "&lt;<"]
)
def test_tags_nested_without_end_take_no_time(tag: str) -> None:
    started = time.process_time()
    assert len(plain(tag * 200_000 + "end")) <= 1_000_000
    links(f'<a href="https://x.example">{tag * 200_000}')
    assert time.process_time() - started < 20


def test_nothing_of_a_page_with_very_many_tags_is_lost() -> None:
    assert plain("<p>one <b>word</b> &amp;</p>" * 6_000).split("\n") == ["one word &"] * 6_000


def test_what_is_no_text_has_no_words() -> None:
    assert plain(None) == plain(3) == plain(["a"]) == ""


@given(st.text())
def test_tidy_twice_is_tidy(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert "\n\n\n" not in once


@given(st.text(st.sampled_from("a z\u00a0\t\x1f\u2003\u200dü🌱")))
def test_tidy_leaves_one_blank_between_words(text: str) -> None:
    assert tidy(text) == " ".join(text.split())


@given(st.text())
def test_no_markup_breaks_it(text: str) -> None:
    assert isinstance(plain(f"<p>{text}</p>"), str)
    assert isinstance(links(f'<a href="{text}">x</a>'), list)


@given(st.text())
def test_the_repair_undoes_the_damage(text: str) -> None:
    damaged = text.encode("utf-8", "replace").decode("latin-1")
    assert repaired(damaged) == text.encode("utf-8", "replace").decode()


def test_links_are_of_the_web_only() -> None:
    assert links('<a href="https://a.example">1</a><a href="/x">2</a><a href="https://a.example">3</a>') == [
        "https://a.example"
    ]
