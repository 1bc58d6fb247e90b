"""Words and short phrases of social texts, in any script, as terms that can be compared.

A term is a stem or two stems that stand side by side. Stems are the singular by Harman's S-stemmer ("How
effective is suffixing?", JASIS 42, 1991), which harms other languages little; Han and kana, which have no
spaces, are cut into pairs of characters.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

_NOISE = re.compile(r"<[^>]*>|https?://\S+|www\.\S+|\S+@\S+\.\S+|@[\w.@-]+|&\w+;")
_WORD = re.compile(r"#?[^\W_]+(?:['’\-][^\W_]+)*")
_CJK = re.compile(r"[぀-ヿ㐀-䶿一-鿿가-힯]")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")
_BREAK = re.compile(r"[.!?;:,()\n\r|•·…]")

SHORTEST = 3
"""Letters of the shortest word that can be a topic (two for Han and kana)."""


class Word(NamedTuple):
    """A word of a text: as written (lower case but for the stem's sake), its stem, and whether it may be
    joined with the word before it."""

    surface: str
    stem: str
    joined: bool


class Term(NamedTuple):
    """A term and how it is written here: ("slow proving", "slow proving")."""

    key: str
    surface: str


def words(text: str) -> Sequence[Word]:
    """The words of ``text`` in order; addresses, names after @ and markup are left out."""
    return _words(text) if len(text) <= _SHORT else tuple(_read(text))


_SHORT = 1_000
"""Letters of texts whose words are remembered: a person's page looks at the same ones again."""


@lru_cache(maxsize=2_000)
def _words(text: str) -> tuple[Word, ...]:
    return tuple(_read(text))


def _read(text: str) -> Iterator[Word]:
    clean = _NOISE.sub(" . ", text)
    end = -1
    for match in _WORD.finditer(clean):
        between = clean[end : match.start()] if end >= 0 else "."
        joined = end >= 0 and not _BREAK.search(between)
        end = match.end()
        written = match.group()
        if written.startswith("#"):
            for index, part in enumerate(_CAMEL.split(written[1:])):
                yield _word(part, joined=index > 0)
        elif _CJK.search(written):
            yield from _pairs_of_characters(written)
        else:
            yield _word(written, joined=joined)


@lru_cache(maxsize=20_000)
def _word(written: str, *, joined: bool) -> Word:
    surface = written.casefold().replace("’", "'")
    surface = surface.removesuffix("'s")
    return Word(surface, stem(surface), joined)


def _pairs_of_characters(written: str) -> Iterator[Word]:
    for index in range(max(1, len(written) - 1)):
        pair = written[index : index + 2]
        if any("一" <= character <= "鿿" or "가" <= character <= "힯" for character in pair):
            yield Word(pair, pair, False)


def stem(word: str) -> str:
    """The singular, by Harman's three rules: the first ending that fits is the only one that is tried."""
    if len(word) < 4 or not word.endswith("s"):
        return word
    if word.endswith("ies"):
        return word if word.endswith(("eies", "aies")) else word[:-3] + "y"
    if word.endswith("es"):
        return word if word.endswith(("aes", "ees", "oes")) else word[:-1]
    return word if word.endswith(("us", "ss", "is")) else word[:-1]


def terms(text: str, stop: Collection[str]) -> Iterator[Term]:
    """The terms of ``text``: its words that are no stop words, and each two of them side by side."""
    before: Word | None = None
    for word in words(text):
        shortest = 2 if _CJK.search(word.surface) else SHORTEST
        if (
            len(word.surface) < shortest
            or word.surface in stop
            or word.stem in stop
            or word.surface.isdigit()
        ):
            before = None
            continue
        yield Term(word.stem, word.surface)
        if before is not None and word.joined and before.stem != word.stem:
            yield Term(f"{before.stem} {word.stem}", f"{before.surface} {word.surface}")
        before = word
