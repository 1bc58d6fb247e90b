"""Whose thing it was: the titles that Facebook gives to the owner's acts, in several languages.

"Mira Holt likes Ann Bell's post." is all that an export says of whom the owner was dealing with. The
wordings stand in ``facebook_titles.toml``; a title in any other wording names nobody.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

LONGEST: Final = 400
"""Letters of a title that are looked at."""

LONGEST_NAME: Final = 80

_NO_NAME: Final = re.compile(r"[:\"“”„«»!?\n]")
_SLOTS: Final = re.compile(r"\{(me|whom|whoms|thing|own|rest)\}")
_THIRD: Final = frozenset(
    (
        "his",
        "her",
        "their",
        "its",
        "a",
        "an",
        "zijn",
        "haar",
        "hun",
        "een",
        "su",
        "un",
        "una",
        "une",
        "sa",
        "son",
    )
)


class About(NamedTuple):
    """Whose thing a title is about: a name, or ``mine`` where it is the owner's own; ``wording`` says that
    the title was understood at all."""

    name: str = ""
    mine: bool = False
    wording: bool = False


class _Form(NamedTuple):
    pattern: re.Pattern[str]
    genitive: bool
    inside: tuple[str, ...]


def about(act: str, title: str, me: str, known: Collection[str] = ()) -> About:
    """Whose thing the title of one of the owner's acts names.

    ``act`` is ``react``, ``comment``, ``vote``, ``share``, ``wall``, ``follow`` or ``wall_in`` (others on the
    owner's wall: the name is then theirs); ``me`` the owner's name, ``known`` names in small letters of which
    it is known that they are somebody's.
    """
    line = " ".join(title[:LONGEST].split()).rstrip(".。 ")
    if not line:
        return About()
    own = re.compile(re.escape(me), re.IGNORECASE) if me else None
    # The owner's name is put out of the way, for it may stand in other letters or be anything.
    marked = own.sub("\x01", line, count=1) if own else line
    for form in _forms(f"{act}_own"):
        if form.pattern.fullmatch(marked):
            return About(mine=True, wording=True)
    understood = False
    for form in _forms(act):
        found = form.pattern.fullmatch(marked)
        if found is None:
            continue
        understood = True
        if name := _name(found["whom"], form, known):
            return About(name, name.casefold() == me.casefold(), wording=True)
    return About(wording=understood)


def _name(said: str, form: _Form, known: Collection[str]) -> str:
    name = said.strip()
    if form.genitive:
        # "Ann Bells" may be of Ann Bell or of Ann Bells: one of the two must be known, and only one.
        bare = re.sub(r"(?:['’]s?|s)$", "", name)
        options = {one for one in (bare, name) if one.casefold() in known}
        return options.pop() if len(options) == 1 else ""
    if name.casefold() in known:
        return name
    if "\x01" in name or len(name) > LONGEST_NAME or _NO_NAME.search(name):
        return ""
    if name.casefold() in _THIRD or any(word in name for word in form.inside):
        return ""
    return name


@cache
def _tables() -> Mapping[str, Mapping[str, Any]]:
    text = files("courtship.platforms").joinpath("facebook_titles.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def _forms(act: str) -> tuple[_Form, ...]:
    return tuple(
        _Form(_compiled(form, language), "{whoms}" in form, tuple(language["inside"]))
        for language in _tables().values()
        for form in language.get(act, ())
    )


def _compiled(form: str, language: Mapping[str, Any]) -> re.Pattern[str]:
    def any_of(words: list[str]) -> str:
        return f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})"

    slots = {
        "me": "\x01",
        "whom": r"(?P<whom>.+?)",
        "whoms": r"(?P<whom>.+?)",
        "thing": any_of(language["things"]),
        "own": any_of(language["own"]),
        "rest": r".+",
    }
    return re.compile(_SLOTS.sub(lambda found: slots[found[1]], form), re.IGNORECASE)
