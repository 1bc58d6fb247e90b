"""What one line of a notification says: who did what to something of yours, in several languages.

Used for the subjects and first lines of notification e-mails and for Facebook's ``notifications.json``.
A line in a wording that is not in the tables is ``None``: it is for the owner to see, never guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from courtship.platforms.notification_mail.tables import Language, Wording, languages, table

LONGEST: Final = 600
"""Letters of a line that are looked at."""

_BLANKS: Final = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad\u034f]+")
_LEADING: Final = re.compile(r"^[^\w\"“„«(@¡]+")
# What is done to something of the owner's is never taken for news from elsewhere.
_YOURS: Final = re.compile(
    r"\b(?:your|deine?n?|tu|votre|jouw) (?:post|photo|comment|story|video|reel|tweet|pin|page|article|"
    r"beitrag|foto|kommentar|publicación|comentario|publication|commentaire|bericht)\b",
    re.IGNORECASE,
)
_HANDLE: Final = re.compile(r"@?\w[\w.]{0,29}", re.ASCII)
_ACCT: Final = re.compile(r"@?\w[\w.-]{0,60}(?:@[\w.-]{3,200})?", re.ASCII)
_NAMED: Final = re.compile(r"(?P<name>.*?)\s*\(@(?P<handle>\w{1,20})\)", re.ASCII | re.DOTALL)
_QUOTED: Final = re.compile(r"[\"“„«]\s*(.+?)\s*[\"”“»](?:\W.*)?", re.DOTALL)


class Named(NamedTuple):
    """Somebody as a sentence names them: a display name, a handle, or both (``""`` where it has none)."""

    name: str
    handle: str = ""


class Sentence(NamedTuple):
    """What a line says.

    ``event`` as in the tables (comment, reply, reaction …); ``kind`` of activity, ``""`` where it tells of no
    act towards the owner. ``people`` are those that it names, ``others`` how many more it counts. ``what`` it
    is about, as the line has it (post, Foto …) or a skill; ``text`` the words quoted. ``both``: it stands
    both ways.
    """

    event: str
    kind: str
    people: tuple[Named, ...] = ()
    others: int = 0
    what: str = ""
    text: str = ""
    language: str = ""
    both: bool = False


def tidied(line: str) -> str:
    """A line with its blanks cut to one and without invisible letters and leading bells."""
    return _LEADING.sub("", _BLANKS.sub(" ", line).strip())


def sentence(
    platform: str, text: str, language: str | None = None, *, known: Collection[str] = (), me: str = ""
) -> Sentence | None:
    """What a notification of the platform says, ``None`` where its wording is not known.

    ``language`` (``de``) limits the search; by default all are tried. ``known`` are names that surely are one
    person's each (the text of links), which tells "Ann Bell and Bo Lee" from "Salt and Pepper Ltd".
    `KeyError` for a platform without a table.
    """
    line = tidied(text[:LONGEST])
    if me and line.casefold().startswith(f"{me.casefold()}, "):
        line = line[len(me) + 2 :]
    if not line:
        return None
    folded = line.casefold()
    rules = table(platform)
    for wording in rules.wordings:
        if wording.anchor not in folded or (language is not None and wording.language != language):
            continue
        said = _said(wording, line, rules.names, known)
        if said is not None:
            return said
    return None


def words(platform: str, line: str) -> tuple[str, str] | None:
    """Who is quoted and with which words, in a line such as ``Ann Bell wrote: "Lovely"``."""
    line = tidied(line)
    folded = line.casefold()
    for wording in table(platform).words:
        found = wording.pattern.match(line) if wording.anchor in folded else None
        if found:
            return found["who"].strip(), found["quote"].strip()
    return None


def _said(wording: Wording, line: str, names: str, known: Collection[str]) -> Sentence | None:
    found = wording.pattern.fullmatch(line)
    if found is None or (wording.event == "elsewhere" and _YOURS.search(line)):
        return None
    fields = found.groupdict()
    people: tuple[Named, ...] = ()
    others = 0
    if wording.kind and fields.get("who"):
        grouped = _grouped(fields["who"].strip(), languages()[wording.language], names, known)
        if grouped is None:
            return None
        people, others = grouped
    return Sentence(
        wording.event,
        wording.kind,
        people,
        others,
        (fields.get("what") or fields.get("skill") or "").strip(),
        _quoted(fields.get("quote") or "", fields.get("tail") or ""),
        wording.language,
        wording.both,
    )


def _quoted(quote: str, tail: str) -> str:
    if quote:
        return quote
    found = _QUOTED.fullmatch(tail.strip())
    return found[1] if found else ""


def _grouped(
    phrase: str, language: Language, names: str, known: Collection[str]
) -> tuple[tuple[Named, ...], int] | None:
    """The people of a phrase such as "Ann Bell, Bo Lee and 3 others"; ``None`` where it is not certain."""
    others = 0
    parts = _parts(phrase, language)
    if len(parts) > 1 and language.others.fullmatch(parts[-1][1]):
        others = int(re.sub(r"\D", "", parts[-1][1]) or 0)
        phrase = phrase[: parts[-1][0]]
        phrase = re.sub(rf"(?:{language.joints.pattern})$", "", phrase, flags=re.IGNORECASE).strip(" ,")
        parts = _parts(phrase, language)
    told = [text for _, text in parts]
    if names == "both" and "(@" in phrase:
        # A name may hold a comma; only after a handle does another person begin.
        told = [one.strip() for one in re.split(rf"(?<=\))(?:{language.joints.pattern})", phrase)]
    elif names == "both":
        names = "person"
    if names == "person" and len(told) > 1 and phrase not in known:
        if not all(text in known or " " in text for text in told):
            # "Ann Bell, PhD" is one person; "Salt and Pepper Ltd" might be two: nobody can tell.
            title = " " in told[0] and all(" " not in text for text in told[1:])
            if not title or _joined(phrase, language):
                return None
            told = [phrase]
    elif names == "person":
        told = [phrase]
    people = tuple(_named(text, names) for text in told)
    if not people or any(one is None or one.name.casefold() in language.nobody for one in people):
        return None
    return tuple(one for one in people if one is not None), others


def _joined(phrase: str, language: Language) -> bool:
    return any("," not in found[0] for found in language.joints.finditer(phrase))


def _parts(phrase: str, language: Language) -> list[tuple[int, str]]:
    """Pieces of a phrase between its joints, each with the place where it begins."""
    return list(_pieces(phrase, language))


def _pieces(phrase: str, language: Language) -> Iterator[tuple[int, str]]:
    last = 0
    for found in language.joints.finditer(phrase):
        yield last, phrase[last : found.start()].strip()
        last = found.end()
    yield last, phrase[last:].strip()


def _named(text: str, names: str) -> Named | None:
    if names == "handle":
        return Named("", text.lstrip("@").lower()) if _HANDLE.fullmatch(text) else None
    if names == "acct":
        return Named("", text.lstrip("@").lower()) if _ACCT.fullmatch(text) else None
    found = _NAMED.fullmatch(text)
    if found:
        return Named(found["name"].strip(), found["handle"].lower())
    if text.startswith("@") and _HANDLE.fullmatch(text):
        return Named("", text[1:].lower())
    if len(text) > 80 or len(text.split()) > 7 or not any(letter.isalnum() for letter in text):
        return None
    return Named(text)
