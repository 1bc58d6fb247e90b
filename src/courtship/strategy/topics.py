"""What a person and the brand have in common: topics of what they say against what the brand posts.

A topic is a term (``terms.py``) that both use. Its weight is how many of the person's texts use it (up to
``ENOUGH``), times how much the brand uses it (the binary digits of the number of its posts with it), times
how telling it is (the digits of the inverse document frequency; Spärck Jones 1972), so that neither a word
in every post nor a rare one wins. A phrase of two words weighs half as much again and stands for its words
where these are seldom used without it. All in integers; ties go by the term.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from courtship.model import Micros
from courtship.strategy.stopwords import stop_words_for
from courtship.strategy.terms import terms, words

ENOUGH = 5
"""Texts of a person beyond which a topic weighs no more."""
MANY_POSTS = 12
"""From so many posts on, a topic must be in two of them: one may be chance."""


class Text(NamedTuple):
    """A text with where it came from: an activity's id, a post's object, ``"bio"``."""

    source: str
    text: str
    at: Micros = 0
    url: str = ""


@dataclass(frozen=True, slots=True)
class Topics:
    """What the brand posts about. ``used``: term -> numbers of the posts that use it, ascending; ``written``:
    term -> how it is mostly written. ``stop`` are the stop words of the brand's languages."""

    posts: int
    used: Mapping[str, tuple[int, ...]]
    written: Mapping[str, str]
    stop: frozenset[str]
    sources: tuple[str, ...]

    def telling(self, term: str) -> int:
        """How telling a term is: 1 where every post uses it, one more for each halving."""
        return (self.posts // max(1, len(self.used.get(term, ())))).bit_length()


def topics_of(posts: Sequence[Text], also_stop: Iterable[str] = ()) -> Topics:
    """The brand's topics. ``also_stop``: words that are no topic here, e.g. the brand's own name."""
    said = Counter(word.surface for post in posts for word in words(post.text))
    stop = stop_words_for(said.keys()) | frozenset(word.casefold() for word in also_stop)
    used: dict[str, list[int]] = defaultdict(list)
    written: dict[str, Counter[str]] = defaultdict(Counter)
    for number, post in enumerate(posts):
        for term in terms(post.text, stop):
            if not used[term.key] or used[term.key][-1] != number:
                used[term.key].append(number)
            written[term.key][term.surface] += 1
    least = 2 if len(posts) >= MANY_POSTS else 1
    kept = {term: tuple(numbers) for term, numbers in used.items() if len(numbers) >= least}
    return Topics(
        posts=len(posts),
        used=kept,
        written={term: _mostly(written[term]) for term in kept},
        stop=stop,
        sources=tuple(post.source for post in posts),
    )


class Shared(NamedTuple):
    """A topic in common. ``topic`` as the brand mostly writes it; ``words``: how the person wrote it.

    ``theirs`` and ``yours`` count texts; ``said`` is the person's latest text with it, ``posts`` the brand's
    latest posts with it (their sources, at most three, newest first).
    """

    topic: str
    words: tuple[str, ...]
    theirs: int
    yours: int
    said: Text
    posts: tuple[str, ...]
    weight: int


def shared_topics(person: Sequence[Text], brand: Topics, most: int = 5) -> list[Shared]:
    """What the person's texts have in common with the brand's, best first, at most ``most``."""
    said = {word.surface for text in person for word in words(text.text)}
    stop = brand.stop | stop_words_for(said)
    used: dict[str, list[Text]] = defaultdict(list)
    written: dict[str, Counter[str]] = defaultdict(Counter)
    for text in sorted(set(person), key=lambda text: (text.at, text.source, text.text)):
        for term in terms(text.text, stop):
            if term.key in brand.used:
                if not used[term.key] or used[term.key][-1] != text:
                    used[term.key].append(text)
                written[term.key][term.surface] += 1
    found = [
        Shared(
            topic=brand.written[term],
            words=tuple(sorted(written[term], key=lambda word: (-written[term][word], word))),
            theirs=len(texts),
            yours=len(brand.used[term]),
            said=texts[-1],
            posts=tuple(brand.sources[number] for number in brand.used[term][:-4:-1]),
            weight=_weight(term, len(texts), brand),
        )
        for term, texts in used.items()
        if not _stands_in_a_phrase(term, used)
    ]
    found.sort(key=lambda topic: (-topic.weight, -topic.theirs, topic.topic))
    return found[:most]


def _weight(term: str, texts: int, brand: Topics) -> int:
    used = len(brand.used[term]).bit_length()
    return min(texts, ENOUGH) * used * brand.telling(term) * (3 if " " in term else 2)


def _stands_in_a_phrase(term: str, used: Mapping[str, list[Text]]) -> bool:
    """Whether a single word is mostly used within a phrase that is a topic itself."""
    if " " in term:
        return False
    return any(
        " " in phrase and term in phrase.split() and len(texts) * 2 >= len(used[term])
        for phrase, texts in used.items()
    )


def _mostly(written: Counter[str]) -> str:
    return min(written, key=lambda surface: (-written[surface], surface))
