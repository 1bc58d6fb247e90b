"""Addresses to which others may send: their secrets as hashes, and what a repeated delivery is answered.

A secret is 256 bits of chance, so its SHA-256 is all that need be kept; it is shown once.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, NamedTuple

from courtship.errors import NotAllowed
from courtship.model import Decision, Micros
from courtship.store import bulk, databases

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

PREFIX = "hook"
_NOBODY = b"\0" * 32


class Hook(NamedTuple):
    """One address. ``heard`` counts its new acts; ``heard_at`` is when the last delivery came."""

    id: str
    title: str
    digest: bytes
    added: Micros
    heard_at: Micros | None
    heard: int


def add(workspace: Workspace, title: str, *, now: Micros) -> tuple[Hook, str]:
    """A new address, which is a decision too; answers its token, which is kept nowhere."""
    title = " ".join(title.split())[:60] or "Webhook"
    id, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    hook = Hook(id, title, sha256(secret.encode()).digest(), now, None, 0)
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO store_hook (id, title, digest, added, heard_at, heard)"
            " VALUES (%s, %s, %s, %s, NULL, 0)",
            [id, title, hook.digest, now],
        )
        detail = {"connector": "webhook", "title": title}
        workspace.decide(Decision("connect.add", id, detail, now))
    return hook, f"{PREFIX}-{id}-{secret}"


def every(workspace: Workspace) -> list[Hook]:
    """All of them, oldest first."""
    with databases.failures("reading the webhooks"), workspace.connection.cursor() as cursor:
        cursor.execute("SELECT id, title, digest, added, heard_at, heard FROM store_hook ORDER BY added, id")
        return [Hook(id, title, bytes(digest), *rest) for id, title, digest, *rest in cursor.fetchall()]


def remove(workspace: Workspace, id: str, *, now: Micros) -> None:
    """Takes an address back: nothing that is sent there is taken any more. What it brought stays."""
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute("DELETE FROM store_hook WHERE id = %s", [id])
        if cursor.rowcount != 1:
            raise NotAllowed(f"there is no webhook {id!r}; courtship connect webhook lists them")
        workspace.decide(Decision("connect.remove", id, {"connector": "webhook"}, now))


def of_token(hooks: Collection[Hook], token: str) -> Hook | None:
    """The address that a token opens; ``None`` for a wrong one, in the same time."""
    prefix, _, rest = token.partition("-")
    id, _, secret = rest.partition("-")
    found = next((hook for hook in hooks if hook.id == id and prefix == PREFIX), None)
    given = sha256(secret.encode(errors="replace")).digest()
    good = hmac.compare_digest(given, found.digest if found else _NOBODY)
    return found if good else None


# ---------------------------------------------------------------- deliveries


def open_ones(workspace: Workspace) -> set[str]:
    """The ids of the addresses that are open; inside the transaction of a delivery."""
    with workspace.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM store_hook")
        return {id for (id,) in cursor.fetchall()}


def key_of(hook: str, said: str) -> bytes:
    """An idempotency key of one hook, as it is kept."""
    return blake2b(f"{hook}\0{said}".encode(errors="replace"), digest_size=16).digest()


def body_digest(body: bytes) -> bytes:
    """Tells bodies apart."""
    return blake2b(body, digest_size=16).digest()


def answers(workspace: Workspace, keys: Collection[bytes]) -> dict[bytes, tuple[bytes, str]]:
    """Of these keys those that were answered: the body's digest, and the answer."""
    query = "SELECT key, body, answer FROM store_hookanswer WHERE key"
    rows = bulk.select_in(workspace.connection, query, sorted(keys))
    return {bytes(key): (bytes(body), answer) for key, body, answer in rows}


def keep(
    workspace: Workspace,
    answered: Collection[tuple[bytes, bytes, str]],
    counted: Collection[tuple[str, int]],
    *,
    now: Micros,
) -> None:
    """Keeps answers (key, body's digest, answer), and counts each hook's new acts."""
    if answered:
        bulk.insert(
            workspace.connection,
            "store_hookanswer",
            ("key", "body", "answer", "at"),
            [(key, body, answer, now) for key, body, answer in answered],
        )
    with workspace.connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE store_hook SET heard = heard + %s, heard_at = %s WHERE id = %s",
            [(count, now, id) for id, count in sorted(counted)],
        )


def forget_answers(workspace: Workspace, before: Micros) -> None:
    """Forgets what was answered before a moment."""
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute("DELETE FROM store_hookanswer WHERE at < %s", [before])
