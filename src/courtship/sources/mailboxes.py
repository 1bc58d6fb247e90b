"""Mailboxes: mbox files (Google Takeout's, Thunderbird's, Apple Mail's), Maildir folders, single mails.

Streamed: of a mail at most `KEPT` bytes are held, for a notification has far less; what is longer is an
attachment, and passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from courtship.sources.tree import Entry, Tree

KEPT: Final = 1024 * 1024
_PIECE: Final = 1024 * 1024
_OVERLAP: Final = 1024

_BEGINS: Final = re.compile(rb"From [^\r\n]{1,300}\r?\n[!-9;-~]{1,80}:")
# A mail begins after an empty line; within a mail such a line is written ">From ".
_NEXT: Final = re.compile(rb"\n(\r?\n)(?=From [^\r\n]{1,300}\r?\n[!-9;-~]{1,80}:)")
_SINGLE: Final = re.compile(
    rb"(?:return-path|received|delivered-to|from|to|subject|date|message-id|mime-version|x-[\w-]+|dkim-signature"
    rb"|authentication-results|arc-[\w-]+|content-type|reply-to|sender|in-reply-to|references|list-[\w-]+)"
    rb":[ \t]",
    re.IGNORECASE,
)
_MAILDIR: Final = re.compile(r"(?:^|/)(?:cur|new)/[^/]+$")


class Raw(NamedTuple):
    """One mail of a box: its number from 1, its bytes (at most `KEPT`), and whether these are all."""

    number: int
    data: bytes
    whole: bool


def boxes(tree: Tree) -> Sequence[Entry]:
    """The entries that are mailboxes or mails, by their names and first bytes."""
    return [entry for entry in tree.entries if _is_mail(entry, alone=len(tree.entries) == 1)]


def _is_mail(entry: Entry, alone: bool) -> bool:
    name = entry.name.casefold()
    ending = name.rpartition(".")[2] if "." in name else ""
    if ending in {"eml", "emlx"} or _MAILDIR.search(entry.path):
        return _SINGLE.match(_after_count(entry.head())) is not None or ending == "eml"
    if ending in {"mbox", "mbx", ""} or name.endswith(".mbox.txt"):
        # Thunderbird's and Apple Mail's boxes have no ending: INBOX, mbox.
        return _BEGINS.match(entry.head()) is not None
    return alone and _BEGINS.match(entry.head()) is not None


def _after_count(head: bytes) -> bytes:
    """Apple Mail's .emlx begins with a line that says how many bytes the mail has."""
    first, _, rest = head.partition(b"\n")
    return rest if first.strip().isdigit() else head


def mails(entry: Entry) -> Iterator[Raw]:
    """Every mail of a mailbox, or the one that the entry is."""
    if _BEGINS.match(entry.head()):
        yield from _of_mbox(entry)
        return
    with entry.open() as stream:
        data = stream.read(KEPT + 1)
    yield Raw(1, _after_count(data)[:KEPT], len(data) <= KEPT)


def _of_mbox(entry: Entry) -> Iterator[Raw]:
    number = 0
    held = b""
    whole = True
    kept = b""
    with entry.open() as stream:
        while True:
            piece = stream.read(_PIECE)
            held += piece
            start = 0
            last = len(held) - _OVERLAP if piece else len(held)
            for found in _NEXT.finditer(held):
                if found.end() > last:
                    break
                number += 1
                yield _raw(number, kept, held[start : found.end(1)], whole)
                kept, whole = b"", True
                start = found.end()
            held = held[start:]
            if not piece:
                break
            if len(held) > _OVERLAP + _PIECE or len(kept) > 0:
                # In the middle of a long mail: its first part is kept, and enough of its end to see the next.
                more, held = held[:-_OVERLAP], held[-_OVERLAP:]
                whole = whole and len(kept) + len(more) <= KEPT
                kept = (kept + more)[:KEPT]
    if held or kept:
        yield _raw(number + 1, kept, held, whole)


def _raw(number: int, kept: bytes, more: bytes, whole: bool) -> Raw:
    data = kept + more if kept else more
    if data.startswith(b"From "):
        data = data[data.index(b"\n") + 1 :] if b"\n" in data else b""
    return Raw(number, data[:KEPT], whole and len(data) <= KEPT)
