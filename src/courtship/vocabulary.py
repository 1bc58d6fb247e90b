"""The kinds of activity and their ActivityStreams 2.0 forms.

The table is that of ``docs/lifecycle.md``. A *stage* named "like" and the activity kind ``like`` are
different things: kinds are always written through the names in this module.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

Kind = Literal[
    "follow", "view", "like", "vote", "comment", "mention", "message", "share", "quote", "endorse", "block"
]
"""What one account did towards another."""

Direction = Literal["inbound", "outbound"]
"""Towards the brand, or from it."""

Seen = Literal["full", "some", "none"]
"""How much of something a source shows."""

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""All kinds; the position of a kind is its code in columns."""

KIND_CODE: Final[dict[str, int]] = {kind: code for code, kind in enumerate(KINDS)}

COUNTED: Final[frozenset[str]] = frozenset(KINDS) - {"follow", "block"}
"""Kinds that a policy's ``of`` may name."""

TALK: Final[frozenset[str]] = frozenset({"comment", "mention", "message", "share", "quote", "endorse"})
"""Inbound acts in words or a share: they wait for an answer."""

ANSWERS: Final[frozenset[str]] = frozenset(
    {"like", "vote", "comment", "mention", "message", "share", "quote", "endorse"}
)
"""Acts that count as an answer to talk."""

PRECEDENCE: Final[tuple[Kind, ...]] = ("message", "quote", "vote", "comment", "mention")
"""A post that fits several kinds is the first of these that fits."""

ACTIVITYSTREAMS_TYPE: Final[dict[str, str]] = {
    "follow": "Follow",
    "view": "View",
    "like": "Like",
    "vote": "Create",
    "comment": "Create",
    "mention": "Create",
    "message": "Create",
    "share": "Announce",
    "quote": "Create",
    "endorse": "Offer",
    "block": "Block",
}
"""The ActivityStreams 2.0 activity type of each kind (https://www.w3.org/TR/activitystreams-vocabulary/)."""
