"""What the log can hold, alike on SQLite and PostgreSQL: whole numbers of 64 bits, times that a calendar can
tell, accounts that an index can hold, text that is Unicode without zero bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from courtship.model import FOREVER, Activity, Micros

LEAST: Final = -(2**63)
MOST: Final = 2**63 - 1

FIRST: Final[Micros] = -62_135_596_800_000_000
"""0001-01-01T00:00:00Z, the first moment that Python's calendar can tell."""

LAST: Final[Micros] = 253_402_300_799_999_999
"""The end of 9999-12-31, its last."""

LONGEST_ADDRESS: Final = 2_600
"""Bytes of an account at most: PostgreSQL indexes no more than 2,704 bytes."""


def unheld(row: Activity) -> str:
    """Why the log cannot hold this activity, in words for the owner; ``""`` where it can."""
    at, ended, followers = row.at, row.ended, row.actor_followers
    if not FIRST <= at <= LAST or (ended is not None and not FIRST <= ended <= LAST and ended != FOREVER):
        return "has a time out of range"
    if followers is not None and not LEAST <= followers <= MOST:
        return "has a number of followers out of range"
    if len(row.actor) + len(row.target) > LONGEST_ADDRESS // 4 and (
        too_long(row.actor) or too_long(row.target)
    ):
        return "names an account that is too long to be one"
    return ""


def too_long(address: str) -> bool:
    """Whether an account is longer than an index can hold."""
    return len(address) > LONGEST_ADDRESS // 4 and len(address.encode(errors="replace")) > LONGEST_ADDRESS


def numbers_fit(values: Iterable[Any]) -> bool:
    """Whether every whole number among these, also within tuples, is one of 64 bits."""
    for value in values:
        if isinstance(value, int):
            if not LEAST <= value <= MOST:
                return False
        elif isinstance(value, tuple) and not numbers_fit(value):
            return False
    return True


def bare(value: Any) -> Any:
    """Text without zero bytes, which PostgreSQL cannot hold; anything else as it is."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, tuple):
        return tuple(bare(item) for item in value)
    return value


def legible(text: str) -> str:
    """A file's name or other words as both databases hold them: what is not Unicode becomes ``?``."""
    return text.replace("\0", "").encode(errors="replace").decode()
