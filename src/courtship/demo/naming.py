"""Names, handles and addresses of the made-up people, from a wide mix of cultures."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from courtship.demo.bakery import BLOG, BRAND, FACEBOOK, INSTAGRAM, MASTODON
from courtship.demo.draw import Draws

NAMELESS = 0.03
"""How many gave no name, only an odd handle."""


@cache
def words(name: str) -> dict[str, Any]:
    """The content of one of the word lists beside this module."""
    return tomllib.loads((files("courtship.demo") / "words" / f"{name}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Face:
    """How a person appears. ``language`` is what they write in besides English, ``""`` if nothing."""

    name: str
    handle: str
    """Lower-case letters, digits, dots and underscores; unique."""
    server: str
    mailbox: str
    number: int
    """Fifteen digits, unique: what platforms with numbers know them by."""
    language: str
    often: int


def faces(people: int, draws: Draws) -> list[Face]:
    """``people`` made-up people. No two have one handle."""
    lists = words("names")
    cultures, handles = lists["culture"], lists["handles"]
    pick = draws.choose([culture["weight"] for culture in cultures], people).tolist()
    dice = [draws.below(1 << 30, people).tolist() for _ in range(6)]
    nameless = draws.chance(NAMELESS, people).tolist()
    taken: set[str] = set()
    out = []
    for i, (culture, a, b, c, d, e, f) in enumerate(zip(pick, *dice, strict=True)):
        of = cultures[culture]
        first, first_latin = _spelt(of["first"][a % len(of["first"])])
        last, last_latin = _spelt(of["last"][b % len(of["last"])])
        family_first = of.get("family_first", False)
        name = last + first if family_first else f"{first} {last}"
        handle = _handle(first_latin, last_latin, handles["words"][d % len(handles["words"])], c)
        if nameless[i]:
            name, odd = "", handles["odd"][c % len(handles["odd"])]
            handle = handles["before"][c // 64 % len(handles["before"])] + odd.removeprefix("the_")
        while handle in taken:
            # a few digits, as people do when their name is taken
            e = (e * 48271 + 11) % 2147483647
            handle = f"{handle.rstrip('0123456789')}{e % 997}"
        taken.add(handle)
        out.append(
            Face(
                name=name,
                handle=handle,
                server=handles["servers"][d % len(handles["servers"])],
                mailbox=handles["mailboxes"][e % len(handles["mailboxes"])],
                # spread over the range, and one a person: 7919 has no divisor in common with it
                number=100_000_000_000_000 + i * 7919 * 1_000_003 % 899_999_999_999_989 + f % 3,
                language=of.get("language", ""),
                often=of.get("often", 0),
            )
        )
    return out


def address(face: Face, platform: int) -> str:
    """The account of a person on a platform."""
    if platform == INSTAGRAM:
        return f"instagram:{face.handle}"
    if platform == MASTODON:
        return f"mastodon:{face.handle}@{face.server}"
    if platform == FACEBOOK:
        return f"facebook:{face.number}"
    if platform == BLOG:
        return f"{BRAND[BLOG]}/{face.handle}@{face.mailbox}"
    return f"x:{face.number // 7}"


def page(face: Face, platform: int) -> str:
    """The address of a person's profile; on the blog, of their own website."""
    if platform == INSTAGRAM:
        return f"https://instagram.example/{face.handle}"
    if platform == MASTODON:
        return f"https://{face.server}/@{face.handle}"
    if platform == FACEBOOK:
        return f"https://facebook.example/{face.number}"
    if platform == BLOG:
        return f"https://{face.handle.replace('_', '-').replace('.', '-')}.example"
    return f"https://x.example/{face.handle}"


def _spelt(entry: str) -> tuple[str, str]:
    native, _, latin = entry.partition("/")
    return native, _ascii(latin or native)


_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "ı": "i", "đ": "d", "æ": "ae", "’": "", "Đ": "d", "Ł": "l"}
)


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS)).encode("ascii", "ignore").decode()
    return plain.lower().replace(" ", "").replace("-", "")


def _handle(first: str, last: str, word: str, dice: int) -> str:
    styles = (
        f"{first}.{last}",
        f"{first}{last[:1]}",
        f"{first}_{last}",
        f"{first}{word}",
        f"{last}_{first[:1]}",
        f"{first[:1]}{last}",
        f"{first}.{word}",
        f"{first}{dice // 8 % 90 + 10}",
    )
    return styles[dice % len(styles)][:30]
