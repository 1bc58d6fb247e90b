"""Secrets of connections, encrypted at rest (Fernet: AES-128-CBC and HMAC-SHA256).

The key is made from ``COURTSHIP_SECRET_KEY`` where that is set, else it lies in ``secret.key`` in the home
folder, beside the databases and readable by its owner alone. It is in no database and no export: whoever is
handed a workspace's file gets no token with it.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import orjson

from courtship.errors import ConnectionRefused

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

FILE = "secret.key"
SHORTEST: Final = 4
"""Letters of a secret that is taken out of what is said; a shorter one would be taken out of words."""


def lock(home: Path, secrets: Mapping[str, str]) -> str:
    """The secrets as a text that only this home can read; ``""`` where there are none."""
    if not secrets:
        return ""
    locked: bytes = _box(home, make=True).encrypt(orjson.dumps(dict(secrets)))
    return locked.decode()


def unlock(home: Path, locked: str) -> dict[str, str]:
    """The secrets in ``locked``; raises ConnectionRefused where the key is another one or is gone."""
    if not locked:
        return {}
    from cryptography.fernet import InvalidToken

    try:
        found: dict[str, str] = orjson.loads(_box(home, make=False).decrypt(locked.encode()))
    except (InvalidToken, FileNotFoundError):
        raise ConnectionRefused(
            f"what was kept secret cannot be read with this home's key ({FILE}); put the key back, or enter"
            " the secrets again"
        ) from None
    return found


def hidden(said: str, secrets: Iterable[str]) -> str:
    """``said`` without any of the secrets, as they are or as an error may quote them.

    >>> hidden("Illegal header value b'Bearer ab\\\\ncd'", ["ab\\ncd"])
    "Illegal header value b'Bearer …'"
    """
    ways = {
        way for one in secrets for way in (one, one.strip(), repr(one)[1:-1], ascii(one)[1:-1], quote(one))
    }
    for way in sorted(ways, key=lambda way: (-len(way), way)):
        if len(way) >= SHORTEST:
            said = said.replace(way, "…")
    return said


def _box(home: Path, *, make: bool) -> Fernet:
    from cryptography.fernet import Fernet

    told = os.environ.get("COURTSHIP_SECRET_KEY")
    if told:
        digest = blake2b(told.encode(), digest_size=32, person=b"connections").digest()
        return Fernet(base64.urlsafe_b64encode(digest))
    return Fernet(_key(home / FILE, make=make))


def _key(path: Path, *, make: bool) -> bytes:
    """The key in the file, which is made whole or not at all where it is missing."""
    from cryptography.fernet import Fernet

    if make and not path.exists():
        part = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(Fernet.generate_key())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)  # the first of two processes wins
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return path.read_bytes().strip()
