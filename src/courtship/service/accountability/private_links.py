"""Private links: a page without an account, by an address that cannot be guessed.

The secret is 32 random bytes, shown once when the link is made; the log holds its hash alone, as a decision,
so that a link outlives neither its revocation nor an undo of its making. A home may serve several
workspaces: a link opens the one whose log has its hash, and no other.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from courtship.model import Decision, Micros

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_MINUTE: Final[Micros] = 60_000_000


def mint() -> tuple[str, str]:
    """A fresh secret (256 bits, 43 characters that need no escaping in an address) and its digest."""
    secret = secrets.token_urlsafe(32)
    return secret, digest(secret)


def digest(secret: str) -> str:
    """What the log holds of a secret: SHA-256, in hexadecimal. A secret of 256 bits needs no salt."""
    return sha256(secret.encode()).hexdigest()


def open_link(workspace: Workspace, subject: str, *, now: Micros) -> tuple[str, list[Decision]]:
    """Makes the link of ``subject`` (``partner:ID``, ``calendar``), in place of the one that it had; answers
    the secret, which nobody can be told again, and the decision."""
    secret, hashed = mint()
    return secret, workspace.decide(Decision("link.open", subject, {"digest": hashed}, now))


def close_link(workspace: Workspace, subject: str, *, now: Micros) -> list[Decision]:
    """Closes the link of ``subject``; where there is none, nothing is decided."""
    if subject not in links(workspace).values():
        return []
    return workspace.decide(Decision("link.close", subject, {}, now))


def links(workspace: Workspace) -> dict[str, str]:
    """The links that are open, as digest -> subject."""
    of: dict[str, str] = {}
    for one in workspace.decisions("link.open", "link.close"):
        if one.verb == "link.open":
            of[one.subject] = str(one.detail.get("digest", ""))
        else:
            of.pop(one.subject, None)
    return {hashed: subject for subject, hashed in of.items() if hashed}


def opened_by(workspaces: Sequence[Workspace], secret: str) -> tuple[Workspace, str] | None:
    """The workspace and subject that a secret opens; ``None`` where it is guessed, closed or malformed."""
    if not _SECRET.fullmatch(secret):
        return None
    hashed = digest(secret)
    for workspace in workspaces:
        subject = links(workspace).get(hashed)
        if subject is not None:
            return workspace, subject
    return None


@dataclass
class Limiter:
    """At most ``most`` within each ``span`` (microseconds) by each key, in this process's memory. The keys
    that were quiet longest are forgotten first."""

    most: int
    span: Micros = _MINUTE
    keys: int = 10_000
    _held: OrderedDict[str, tuple[Micros, int]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def full(self, key: str, now: Micros) -> bool:
        """Whether ``key`` has had all it may."""
        with self._lock:
            began, count = self._held.get(key, (now, 0))
            return now - began < self.span and count >= self.most

    def count(self, key: str, now: Micros) -> None:
        """One more of ``key``."""
        with self._lock:
            began, count = self._held.pop(key, (now, 0))
            if now - began >= self.span:
                began, count = now, 0
            self._held[key] = (began, count + 1)
            while len(self._held) > self.keys:
                self._held.popitem(last=False)
