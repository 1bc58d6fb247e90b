"""The tables of wordings, one TOML file a platform: who sends its mails, and what each event is called.

A wording is text with ``{who}`` (people), ``{what}`` (a thing of up to three words), ``{skill}``, ``{quote}``
(words in quotation marks), ``{me}``, ``{any}``, ``{n}`` and ``{rest}``; ``(one|other)`` are alternatives and
``?`` makes the letter or group before it optional. It must fit a whole line; capitals do not matter.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

PLATFORMS: Final = ("facebook", "instagram", "linkedin", "mastodon", "pinterest", "x", "youtube")
LANGUAGES: Final = ("en", "de", "nl", "es", "fr")

# What a placeholder may stand for. Lines are short (`sentences.LONGEST`), so that no wording takes long.
_PEOPLE: Final = r"(?P<who>[^\n\"“”„«»:!?<>|]{1,160}?)"
_FIELDS: Final[Mapping[str, str]] = {
    "who": _PEOPLE,
    "what": r"(?P<what>[^\W\d_]+(?:[ -][^\W\d_]+){0,2}?)",
    "skill": r"(?P<skill>[^\n\"“”]{1,80}?)",
    "quote": r"[\"“„«']\s*(?P<quote>.{1,4000}?)\s*[\"”“»']",
    "me": r"[^\n,]{1,60}?",
    "any": r".{1,80}?",
    "n": r"\d[\d.,]*",
    "rest": r".*?",
}
_MARK: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of one event in one language. ``anchor`` is in every line that fits, in small letters."""

    language: str
    event: str
    kind: str
    both: bool
    anchor: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Language:
    """How a language joins people: the words between them, "3 others", and words that name nobody."""

    joints: re.Pattern[str]
    others: re.Pattern[str]
    nobody: frozenset[str]


@dataclass(frozen=True, slots=True)
class Table:
    """One platform.

    Its mails come from ``domains``; from its ``own`` other domains come no notifications. ``senders`` and
    ``quiet`` are glob patterns of a sender's local part or whole address; mails of the quiet ones tell of
    nothing that somebody did. ``decoys`` are words that imitations use. ``names``: people are named by
    ``handle``, by ``acct`` (user@host), as a ``person`` is, or as ``both``; their accounts are ``keyed_by``
    their ``profile`` where a mail has it, or always by their ``name``.
    """

    platform: str
    title: str
    names: str
    keyed_by: str
    domains: tuple[str, ...]
    own: tuple[str, ...]
    senders: tuple[str, ...]
    quiet: tuple[str, ...]
    decoys: tuple[str, ...]
    wordings: tuple[Wording, ...]
    words: tuple[Wording, ...]

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of activity that its mails can tell of."""
        return frozenset(one.kind for one in self.wordings if one.kind)


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))


@cache
def languages() -> Mapping[str, Language]:
    """Every language by its code (BCP 47)."""
    found = {}
    for code, row in _load("languages").items():
        joints = "|".join(re.escape(word) for word in row["and"])
        others = "|".join(_regex(text) for text in row["others"])
        found[code] = Language(
            re.compile(rf"\s*,\s+(?:(?:{joints})\s+)?|\s+(?:{joints})\s+", re.IGNORECASE),
            re.compile(rf"(?:{others})", re.IGNORECASE),
            frozenset(row["nobody"]),
        )
    return found


@cache
def table(platform: str) -> Table:
    """The table of a platform; `KeyError` where there is none."""
    if platform not in PLATFORMS:
        raise KeyError(platform)
    row = _load(platform)
    tails = {code: "|".join(map(re.escape, words["tail"])) for code, words in _load("languages").items()}
    return Table(
        row["platform"],
        row["title"],
        row["names"],
        row.get("keyed_by", "profile"),
        tuple(row["domains"]),
        tuple(row["own"]),
        tuple(row["senders"]),
        tuple(row["quiet"]),
        tuple(row["decoys"]),
        tuple(wording for event in row["event"] for wording in _wordings(event, tails)),
        tuple(_wordings({"name": "words", "kind": "", **row["words"]}, tails)) if "words" in row else (),
    )


def _wordings(event: Mapping[str, Any], tails: Mapping[str, str]) -> list[Wording]:
    told = "kind" in event
    return [
        Wording(
            language,
            event["name"],
            event.get("kind", ""),
            bool(event.get("both")),
            _anchor(text),
            re.compile(
                _regex(text if told else text.replace("{who}", "{any}"))
                + rf"(?:\s(?:{tails[language]})\s.{{1,160}}?)?\s*(?:[.!…]*|[:,–-]\s+(?P<tail>.+?))",
                re.IGNORECASE | re.DOTALL,
            ),
        )
        for language in LANGUAGES
        for text in event.get(language, ())
    ]


def _regex(text: str) -> str:
    parts: list[str] = []
    last = 0
    for found in _MARK.finditer(text):
        parts += (_literal(text[last : found.start()]), _FIELDS[found[1]])
        last = found.end()
    return "".join([*parts, _literal(text[last:])])


def _literal(text: str) -> str:
    """Blanks are any blanks; ``( | ) ?`` mean what they mean in a regular expression, all else itself."""
    made, escaped = "", False
    for letter in text:
        if escaped:
            made, escaped = made + (r"\s" if letter == "s" else re.escape(letter)), False
        elif letter == "\\":
            escaped = True
        elif letter == "(":
            made += "(?:"
        elif letter in "|)?":
            made += letter
        else:
            made += r"\s+" if letter == " " else re.escape(letter)
    return made


def _anchor(text: str) -> str:
    """The longest stretch of a wording that is in every line that fits it."""
    plain = re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)\??|\w\?|\\.|\{\w+\}", "\x00", text)
    return max((part.strip() for part in plain.split("\x00")), key=len, default="").casefold()


def listed(patterns: Sequence[str], address: str) -> bool:
    """Whether a sender's address fits one of the glob patterns (``*`` only)."""
    local = address.partition("@")[0]
    return any(_glob(pattern).fullmatch(address if "@" in pattern else local) for pattern in patterns)


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*"), re.IGNORECASE)
