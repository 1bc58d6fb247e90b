"""What the sources show, as one grid and as sentences: of which account, from when to when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from courtship.model import DAY, Address, Coverage, Micros
from courtship.vocabulary import TALK, Direction, Seen

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

BETTER: dict[Seen, int] = {"none": 0, "some": 1, "full": 2}
SHOWN = ("follow", "view", "like", "vote", "comment", "mention", "message", "share", "quote", "endorse")
FRESH: Micros = 3 * DAY
"""Data younger than this is said to last till now."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How much of a kind in one direction is seen of an account; ``start`` ``None``: from the beginning."""

    kind: str
    direction: Direction
    seen: Seen
    start: Micros | None = None
    end: Micros = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One of the brand's accounts, with a cell for each kind and direction."""

    account: Address
    platform: str
    handle: str
    inbound: tuple[Cell, ...]
    outbound: tuple[Cell, ...]
    start: Micros | None
    end: Micros


def grid(coverage: Iterable[Coverage]) -> list[Row]:
    """A row an account; of several declarations for a cell the best counts, the latest where they tie."""
    best: dict[Address, dict[tuple[str, str], Coverage]] = defaultdict(dict)
    for told in coverage:
        cells = best[told.account]
        held = cells.get((told.kind, told.direction))
        if held is None or (BETTER[told.seen], told.end) > (BETTER[held.seen], held.end):
            cells[told.kind, told.direction] = told
    rows = []
    for account, cells in sorted(best.items()):
        seen = [c for c in cells.values() if c.seen != "none"] or list(cells.values())
        starts = [c.start for c in seen]
        known = [start for start in starts if start is not None]
        platform, _, handle = account.partition(":")
        rows.append(
            Row(
                account,
                platform,
                "" if handle == "*" else handle,
                tuple(_cell(cells, kind, "inbound") for kind in SHOWN),
                tuple(_cell(cells, kind, "outbound") for kind in SHOWN),
                None if None in starts or not known else min(known),
                max(c.end for c in seen),
            )
        )
    return rows


def _cell(cells: dict[tuple[str, str], Coverage], kind: str, direction: Direction) -> Cell:
    told = cells.get((kind, direction))
    if told is None:
        return Cell(kind, direction, "none")
    return Cell(kind, direction, told.seen, told.start, told.end)


def seen_until(workspace: Workspace) -> Micros | None:
    """When the last of the data ends; ``None`` where no source says."""
    ends = [told.end for told in workspace.coverage() if told.seen != "none"]
    return max(ends) if ends else None


@dataclass(frozen=True, slots=True)
class Unseen:
    """What one platform does not show. ``ends`` is when its data end, ``None`` while they last till now."""

    platform: str
    inbound: Seen
    outbound: Seen
    ends: Micros | None


def unseen(coverage: Iterable[Coverage], now: Micros) -> list[Unseen]:
    """The platforms whose talk is not fully seen in either direction, or whose data have ended."""
    by_platform: dict[str, list[Coverage]] = defaultdict(list)
    for told in coverage:
        by_platform[told.account.partition(":")[0]].append(told)
    found = []
    for platform, told_all in sorted(by_platform.items()):
        ends = max((t.end for t in told_all if t.seen != "none"), default=0)
        last = None if ends >= now - FRESH else ends
        inbound, outbound = _worst(told_all, "inbound"), _worst(told_all, "outbound")
        if last is not None or inbound != "full" or outbound != "full":
            found.append(Unseen(platform, inbound, outbound, last or None))
    return found


def _worst(told_all: list[Coverage], direction: Direction) -> Seen:
    """How fully talk is seen: ``full`` where each kind that is declared is, ``none`` where none is seen."""
    best: dict[str, int] = {}
    for told in told_all:
        if told.direction == direction and told.kind in TALK:
            best[told.kind] = max(best.get(told.kind, 0), BETTER[told.seen])
    if not best or not any(best.values()):
        return "none"
    return "full" if min(best.values()) == BETTER["full"] else "some"
