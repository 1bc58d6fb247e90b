"""Accounts written ``platform:id``, and the web addresses (actor URIs) that stand for them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from courtship.model import Address

LONGEST: Final = 2_048
"""No platform's id is longer; a longer one is damage."""

ADDRESS: Final = r"[a-z0-9][a-z0-9_.-]*:[^\x00-\x20\x7f](?:[^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?"
"""What an account looks like, as a regular expression of Python and RE2 alike (for the whole text)."""

_ADDRESS = re.compile(ADDRESS)
# Mastodon, Pleroma, Misskey-with-names, GoToSocial and Pixelfed all write one of these two.
_FEDIVERSE = re.compile(r"/(?:users/|@)([A-Za-z0-9_][A-Za-z0-9_.-]*)(/.*)?")
_HOST = re.compile(r"[a-z0-9.-]+(?::\d+)?")
_OURS: Final = "urn:courtship:"


def is_address(value: object) -> bool:
    """Whether the value is an account as ``platform:id``."""
    return isinstance(value, str) and len(value) <= LONGEST and _ADDRESS.fullmatch(value) is not None


def platform_of(address: Address) -> str:
    """The part before the first colon."""
    return address.partition(":")[0]


@lru_cache(maxsize=1 << 16)
def of_uri(uri: str) -> Address:
    """The account that an actor's URI stands for; ``ValueError`` where it is none.

    ``https://host/users/name`` and ``https://host/@name`` are ``mastodon:name@host`` in small letters, any
    other web address is ``web:host/path``; ``acct:`` is a fediverse handle, ``mailto:`` an e-mail
    address, ``did:`` one of Bluesky. All else must be an address as it is, as our own exports write it.
    """
    scheme, _, rest = uri.partition(":")
    if scheme in {"http", "https"} and rest.startswith("//"):
        host, path, query = _parts(uri)
        found = _FEDIVERSE.fullmatch(path.rstrip("/"))
        if found and not found[2] and not query:
            return f"mastodon:{found[1].lower()}@{host}"
        address = f"web:{host}{path.rstrip('/')}{query}"
    elif scheme == "acct":
        name, at, host = rest.lstrip("@").rpartition("@")
        address = f"mastodon:{name}@{host}".lower() if at else ""
    elif scheme == "mailto":
        address = f"email:{rest.partition('?')[0]}"
    elif scheme == "did":
        address = f"bluesky:{uri}"
    elif uri.startswith(_OURS):
        address = unquote(uri.removeprefix(_OURS))
    else:
        address = uri
    if not is_address(address):
        raise ValueError(f"not an account: {uri!r:.80}")
    return address


@lru_cache(maxsize=1 << 16)
def owner_of_uri(uri: str) -> Address:
    """The account whose thing a web address is, where the address itself says so; ``""`` otherwise.

    ``https://host/users/name/statuses/1`` and ``https://host/@name/1`` name their author.
    """
    scheme, _, rest = uri.partition(":")
    if scheme not in {"http", "https"} or not rest.startswith("//"):
        return ""
    try:
        host, path, _ = _parts(uri)
    except ValueError:
        return ""
    found = _FEDIVERSE.fullmatch(path)
    return f"mastodon:{found[1].lower()}@{host}" if found and (found[2] or "").strip("/") else ""


def to_uri(address: Address) -> str:
    """A URI for an account, such that ``of_uri(to_uri(address)) == address``."""
    platform, _, id = address.partition(":")
    uri = address
    if platform == "mastodon":
        name, _, host = id.rpartition("@")
        uri = f"https://{host}/users/{name}"
    elif platform == "web":
        uri = f"https://{id}"
    elif platform == "email":
        uri = f"mailto:{id}"
    elif platform == "bluesky":
        uri = id
    for candidate in (uri, address):
        try:
            if of_uri(candidate) == address:
                return candidate
        except ValueError:
            continue
    return _OURS + quote(address, safe=":@/")


def _parts(uri: str) -> tuple[str, str, str]:
    split = urlsplit(uri)
    host = split.netloc.rpartition("@")[2].lower()
    if not _HOST.fullmatch(host):
        raise ValueError(f"not an account: {uri!r:.80}")
    return host, split.path, f"?{split.query}" if split.query else ""
