"""Shared interests: believable on short texts in several languages, and a function of the set of texts."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtship.strategy.stopwords import languages_of, stop_words
from courtship.strategy.terms import stem, terms, words
from courtship.strategy.topics import Text, shared_topics, topics_of

POSTS = [
    "Why our rye takes two days: slow proving, and a starter older than the shop. #SlowProving",
    "Saturday market again! Seeded rye, spelt rolls and the last of the plum cake.",
    "Slow proving gives the crumb its shine. Thanks to everybody who came to the workshop.",
    "Spelt is back. We mill it ourselves, twice a week. https://kettlewick.example/spelt",
    "Thank you all for a lovely Saturday market. See you next week!",
    "Stale bread? Make panzanella. Start with good tomatoes.",
    "Our rye starter is nineteen today. Happy birthday, Olga!",
]
BRAND = topics_of([Text(f"post{i}", text, i) for i, text in enumerate(POSTS)], ["Kettlewick", "Bread"])


def found(*texts: str) -> list[str]:
    return [
        topic.topic
        for topic in shared_topics([Text(f"t{i}", text, i) for i, text in enumerate(texts)], BRAND)
    ]


def test_the_words_that_match_are_topics_and_chatter_is_not() -> None:
    shared = shared_topics(
        [
            Text("a", "Thanks! My rye never rises. What do you do with yours?", 1),
            Text("b", "Love this!! So lovely. Happy Saturday to you all", 2),
            Text("c", "We tried the slow proving. It works for RYES too", 3),
        ],
        BRAND,
    )
    assert [topic.topic for topic in shared] == ["rye", "slow proving", "saturday"]
    rye = shared[0]
    assert (rye.theirs, rye.yours, rye.words) == (2, 3, ("rye", "ryes"))
    assert rye.said.source == "c"
    assert rye.posts == ("post6", "post1", "post0")


def test_nothing_in_common_is_nothing() -> None:
    assert found("Congrats, great news!", "When is the train to Leeds?") == []
    assert found() == []
    assert shared_topics([Text("a", "rye")], topics_of([])) == []


def test_names_and_addresses_are_no_topics() -> None:
    assert found("@kettlewick@example.social https://spelt.example/rye mail rye@spelt.example") == []


@pytest.mark.parametrize(
    ("posts", "texts", "topic"),
    [
        (
            ["Unser Sauerteig ruht zwei Tage.", "Der neue Sauerteig ist da, und das Dinkelbrot auch."],
            ["Ich habe den Sauerteig auch probiert, danke!"],
            "sauerteig",
        ),
        (
            ["El pan de centeno está listo.", "Taller de masa madre el sábado"],
            ["¿Cuándo es el próximo taller? Me encanta la masa madre"],
            "masa madre",
        ),
        (["خبز الشوفان جاهز اليوم", "نحب خبز الشوفان"], ["أين أجد خبز الشوفان؟"], "خبز الشوفان"),
        (["ライ麦パンを焼きました", "ライ麦の粉"], ["ライ麦パンが好きです"], "麦パ"),
    ],
)
def test_other_languages(posts: list[str], texts: list[str], topic: str) -> None:
    brand = topics_of([Text(str(i), text, i) for i, text in enumerate(posts)])
    shared = shared_topics([Text(str(i), text, i) for i, text in enumerate(texts)], brand)
    assert topic in [found.topic for found in shared]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_the_order_of_a_persons_texts_never_matters(seed: int) -> None:
    draw = random.Random(seed)
    vocabulary = [
        "rye",
        "spelt",
        "slow",
        "proving",
        "market",
        "Saturday",
        "bread",
        "stale",
        "the",
        "of",
        "and",
    ]
    texts = [
        Text(str(i), " ".join(draw.choices(vocabulary, k=6)), draw.randrange(4))
        for i in range(draw.randrange(9))
    ]
    assert shared_topics(texts, BRAND) == shared_topics(draw.sample(texts, len(texts)), BRAND)


def test_words_and_stems() -> None:
    assert [stem(word) for word in ("ryes", "bakeries", "glass", "focus", "houses", "gas", "is")] == [
        "rye",
        "bakery",
        "glass",
        "focus",
        "house",
        "gas",
        "is",
    ]
    assert [word.surface for word in words("<p>Amara’s #SourDough, it’s 2kg &amp; more</p>")] == [
        "amara",
        "sour",
        "dough",
        "it",
        "2kg",
        "more",
    ]
    assert [term.key for term in terms("slow proving, markets", frozenset())] == [
        "slow",
        "proving",
        "slow proving",
        "market",
    ]


def test_languages_are_told_apart() -> None:
    assert languages_of(["ich", "habe", "das", "nicht", "mehr", "und", "der"])[0] == "de"
    assert languages_of(["je", "ne", "sais", "pas", "pourquoi", "vous", "avez"])[0] == "fr"
    assert "en" in languages_of(["zzz"])
    assert "the" in stop_words("en")
    assert stop_words("tlh") == frozenset()
