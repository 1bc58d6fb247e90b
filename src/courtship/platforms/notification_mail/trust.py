"""Whether a mail may be believed: only by the word of the owner's own mail host (RFC 8601).

Anybody can write ``From: notification@facebookmail.com``. The owner's mail host checks the signature (DKIM,
RFC 6376) as it takes a mail in, and puts what it found at the top: ``Authentication-Results: mx.example.net;
dkim=pass header.d=facebookmail.com``. Only the topmost of these headers counts, only under the name of the
host that the owner gave, and only a signature of the platform's own domain.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Final, Literal

from courtship.platforms.notification_mail.mails import Mail
from courtship.platforms.notification_mail.tables import PLATFORMS, table

Doubt = Literal["", "unsaid", "another host", "unsigned"]
"""Why a mail is not believed: no result on top, one of another host, no passing signature of the domain."""

MICROSOFT: Final = "outlook.com"
"""Microsoft's hosts leave their name out of the header (against RFC 8601); it stands in ``Received``."""

_DKIM: Final = re.compile(r"\s*dkim(?:\s*/\s*\d+)?\s*=\s*(\w+)\b(.*)", re.IGNORECASE | re.DOTALL)
_PROPERTY: Final = re.compile(r"\bheader\s*\.\s*([di])\s*=\s*(\S+)", re.IGNORECASE)
_BY: Final = re.compile(r"\bby\s+([A-Za-z0-9.-]+)")
_LOOKS: Final = str.maketrans("013аеорсухіјӏѕԁɡıκ", "oleaeopcyxijlsdgik")


def doubt(mail: Mail, hosts: Collection[str], domains: Sequence[str]) -> Doubt:
    """Why the mail is not to be believed as one of ``domains``, ``""`` where one of ``hosts`` vouches."""
    found = _results(mail)
    if found is None:
        return "unsaid"
    host, results = found
    if not host or host not in hosts:
        return "another host"
    return "" if any(_passes(result, domains) for result in results) else "unsigned"


def host_of(mail: Mail) -> str:
    """The mail host in whose name the topmost results stand (its authserv-id), ``""`` where there is none."""
    found = _results(mail)
    return found[0] if found is not None else ""


def _results(mail: Mail) -> tuple[str, list[str]] | None:
    """The host and the results of the topmost header, without asides."""
    place = next((i for i, (name, _) in enumerate(mail.headers) if name == "authentication-results"), -1)
    if place < 0:
        return None
    first, *results = _without_asides(mail.headers[place][1]).split(";")
    if "=" in first:
        return (MICROSOFT if _taken_in_by_microsoft(mail, place) else ""), [first, *results]
    return (first.split()[0].lower() if first.strip() else ""), results


def within(domain: str, domains: Sequence[str]) -> bool:
    """Whether a domain is one of these, or below one."""
    return any(domain == one or domain.endswith(f".{one}") for one in domains)


def _taken_in_by_microsoft(mail: Mail, place: int) -> bool:
    above = next((value for name, value in mail.headers[:place] if name == "received"), "")
    by = _BY.search(above)
    return by is not None and within(by[1].lower(), (MICROSOFT,))


def _passes(result: str, domains: Sequence[str]) -> bool:
    found = _DKIM.fullmatch(result)
    if found is None or found[1].lower() != "pass":
        return False
    signers = [value.rpartition("@")[2].lower().rstrip(".") for _, value in _PROPERTY.findall(found[2])]
    return bool(signers) and all(within(signer, domains) for signer in signers)


def _without_asides(value: str) -> str:
    """A structured header without comments (which may nest) and quoted strings: neither is a result."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for letter in value:
        if escaped:
            escaped = False
        elif letter == "\\" and (quoted or depth):
            escaped = True
        elif letter == '"' and not depth:
            quoted = not quoted
        elif quoted:
            continue
        elif letter == "(":
            depth += 1
        elif letter == ")" and depth:
            depth -= 1
        elif not depth:
            kept.append(letter)
    return "".join(kept)


# ---------------------------------------------------------------- whose mail it says it is


@lru_cache(maxsize=1 << 14)
def platform_of(domain: str) -> tuple[str, bool]:
    """The platform from whose domain a mail says it comes, and whether it truly is that domain.

    ``("", True)`` for everybody else's, ``("facebook", False)`` for one that imitates Facebook's.
    """
    for platform in PLATFORMS:
        rules = table(platform)
        if within(domain, rules.domains):
            return platform, True
        if within(domain, rules.own):
            return "", True
    plain = _plain(domain)
    parts = re.split(r"[.-]", plain)
    for platform in PLATFORMS:
        for decoy in table(platform).decoys:
            if decoy in plain.replace("-", "") or any(_close(part, decoy) for part in parts):
                return platform, False
    return "", True


def _plain(domain: str) -> str:
    """A domain as the eye reads it: letters that look alike made one."""
    with suppress(UnicodeError):
        domain = domain.encode("ascii").decode("idna") if "xn--" in domain else domain
    bare = "".join(c for c in unicodedata.normalize("NFKD", domain.lower()) if not unicodedata.combining(c))
    return bare.translate(_LOOKS).replace("rn", "m").replace("vv", "w")


def _close(part: str, word: str) -> bool:
    """Whether one letter was added, left out or changed."""
    if len(word) < 6 or abs(len(part) - len(word)) > 1 or part == word:
        return part == word
    short, long = sorted((part, word), key=len)
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[at:] == long[at + 1 :] or (len(short) == len(long) and short[at + 1 :] == long[at + 1 :])
