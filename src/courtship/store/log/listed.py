"""Lists of accounts as the log keeps them, without those that were forgotten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

MEMBERS: Final = 3
BESIDE: Final = (6, 7)
"""Where in a ``model.Snapshot`` its members stand, and what stands beside each of them (acts, dates)."""


def without(body: Sequence[Any], gone: Callable[[str], bool]) -> tuple[Any, ...]:
    """A list without the members that are ``gone``, nor anything that stood beside them."""
    kept = [place for place, member in enumerate(body[MEMBERS]) if not gone(member)]
    count = len(body[MEMBERS])
    made = list(body)
    for part in (MEMBERS, *BESIDE):
        if part < len(body):
            whole = len(body[part]) == count
            made[part] = tuple(body[part][place] for place in kept) if whole else ()
    return tuple(made)
