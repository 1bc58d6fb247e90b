"""Words that say nothing of a topic, in the languages that YAKE ships lists for.

YAKE: https://github.com/LIAAD/yake, Campos et al., Information Sciences 509, 2020.
The lists are read from the installed package as they are; the package itself is not imported.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_CHATTER: Final[dict[str, str]] = {
    "en": (
        "amazing awesome beautiful best big bit congrats congratulations cool cute day days enjoy excited "
        "fab fantastic feel feeling fun glad good gorgeous got great guys happy haha hey hi hope hour "
        "hours keep lol long looking lot lots love loved lovely make makes making man month morning nice "
        "night old one people perfect photo pic pics please post pretty really right share shared sharing "
        "super sure take thank thanks thing things think time times today tomorrow tonight try way week "
        "weekend weeks wonderful work wow year years yes yesterday yum yummy minute minutes ago bring "
        "brought made months start started never always afternoon ask asked asking back bag buy buying "
        "bought change come coming dark dear done early evening eleven fifteen fifty find finish forty "
        "found full gave give half hand hands hard hear heard hundred inside kind late later leave left "
        "light line minus moment much name need needed new number open opened order outside part place "
        "point put ready real rest said same sell side sold something sorry soon stay stop sweet talk "
        "tell ten thirty thought thousand told took tried twelve twenty two three four five six seven "
        "eight nine wait waiting walk want warm winner word words wrong "
        "write writes writing written wrote read reading say says mean means tonight"
    ),
    "de": (
        "danke schön schöne schöner toll super heute morgen gestern abend tag tage woche jahr "
        "jahre gut gute guten liebe leute mal wow ja bitte freue freuen"
    ),
    "fr": (
        "merci super beau belle bravo bonjour bonsoir aujourd'hui demain hier jour jours semaine "
        "année bien bon bonne vraiment gens oui"
    ),
    "es": (
        "gracias hola hoy mañana ayer día días semana año bueno buena buenos buenas gente genial "
        "gran feliz sí"
    ),
    "pt": ("obrigado obrigada olá hoje amanhã ontem dia dias semana ano bom boa gente legal feliz sim"),
    "it": (
        "grazie ciao oggi domani ieri giorno giorni settimana anno buono buona bello bella bravo gente felice"
    ),
    "nl": ("dank bedankt hoi vandaag morgen gisteren dag dagen week jaar goed mooi mooie leuk mensen fijn"),
}
"""What people say on any page whatever its topic: thanks, greetings, praise, times of day."""


@cache
def languages() -> tuple[str, ...]:
    """The codes of the languages there are lists for, sorted; without YAKE a few only."""
    folder = _folder()
    paths = folder.glob("stopwords_??.txt") if folder else ()
    found = {path.stem.removeprefix("stopwords_") for path in paths}
    return tuple(sorted(found | set(_CHATTER)))


@cache
def stop_words(language: str) -> frozenset[str]:
    """The stop words of one language, lower case; empty for a language without a list."""
    folder = _folder()
    path = folder / f"stopwords_{language}.txt" if folder else None
    listed = path.read_text("utf-8", "replace").casefold().split() if path and path.exists() else []
    return frozenset(listed) | frozenset(_CHATTER.get(language, "").split())


def languages_of(words: Collection[str], most: int = 3) -> tuple[str, ...]:
    """The languages that these words (lower case, as they were used) seem to be in: at most ``most``.

    A language counts when at least a quarter as many of the words are stop words of it as of the best one;
    more first, ties by code. English is always among them: social pages mix it in everywhere.
    """
    counts = sorted(
        ((sum(word in stop_words(language) for word in words), language) for language in languages()),
        key=lambda pair: (-pair[0], pair[1]),
    )
    best = counts[0][0]
    found = [language for count, language in counts if count and count * 4 >= best][:most]
    return tuple(dict.fromkeys([*found, "en"]))


def stop_words_for(words: Collection[str]) -> frozenset[str]:
    """The stop words of the languages that these words seem to be in."""
    return frozenset().union(*(stop_words(language) for language in languages_of(words)))


@cache
def _folder() -> Path | None:
    spec = find_spec("yake")
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) / "core" / "StopwordsList" if places else None
