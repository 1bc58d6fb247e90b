"""What has to be kept of a person so that their cues follow one more act without reading the others.

The same cues as ``plan/cues.py`` finds by arrays; acts come in order of time, each later than those before
it, and none of them has ended.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import orjson

from courtship.model import DAY, Micros
from courtship.plan.cues import NEWEST, OLDEST, VOUCHING, WORDS
from courtship.vocabulary import ANSWERS, TALK

_KEPT: Final = OLDEST + NEWEST
_WAITS: Final = {**dict.fromkeys(WORDS, 0), **dict.fromkeys(VOUCHING, 1)}


class Said(NamedTuple):
    """An act as a cue names it: ``record`` is a position of the log, ``kind`` a code."""

    at: Micros
    record: int
    kind: int
    platform: str


@dataclass(slots=True)
class CuesSummary:
    """``open`` has what waits for an answer and what was not thanked for: how many, and of these the oldest
    and the newest; ``first`` is the person's first act while it may call for a greeting; ``contact`` the last
    talk of either side, ``heard`` the person's own last; ``talked`` the first talk of the last day with any.
    ``gaps`` are those between such days, ascending.
    """

    open: list[tuple[int, list[Said]]] = field(default_factory=lambda: [(0, []), (0, [])])
    first: Said | None = None
    contact: Said | None = None
    heard: Said | None = None
    talked: Micros | None = None
    gaps: list[Micros] = field(default_factory=list)

    def to_bytes(self) -> tuple[bytes, bytes]:
        """What changes with every act, and the gaps, which change once a day."""
        said = [self.open, self.first, self.contact, self.heard, self.talked]
        return orjson.dumps(said, default=tuple), orjson.dumps(self.gaps)

    @classmethod
    def from_bytes(cls, told: bytes, gaps: bytes) -> CuesSummary:
        """As it was written."""
        waiting, first, contact, heard, talked = orjson.loads(told)
        return cls(
            [(count, [Said(*one) for one in some]) for count, some in waiting],
            Said(*first) if first else None,
            Said(*contact) if contact else None,
            Said(*heard) if heard else None,
            talked,
            orjson.loads(gaps),
        )


def take_in(
    summary: CuesSummary,
    said: Said,
    kind: str,
    *,
    outbound: bool,
    precise: bool,
    first: bool,
    since: Micros = 0,
) -> None:
    """One act more; ``first`` where it is the first of all. What waits since before ``since`` is left out."""
    if outbound:
        if kind in ANSWERS:
            summary.first = None
            for place, (_, some) in enumerate(summary.open):
                if some:
                    summary.open[place] = (0, [])
    elif precise:
        if first:
            summary.first = said
        place = _WAITS.get(kind, -1)
        if place >= 0 and said.at >= since:
            count, some = summary.open[place]
            some = [*some, said] if len(some) < _KEPT else [*some[:OLDEST], *some[OLDEST + 1 :], said]
            summary.open[place] = (count + 1, some)
    if precise and kind in TALK:
        at = said.at
        if summary.talked is None:
            summary.talked = at
        elif at // DAY != summary.talked // DAY:
            insort(summary.gaps, at - summary.talked)
            summary.talked = at
        summary.contact = said
        if not outbound:
            summary.heard = said


def cues_of(summary: CuesSummary, now: Micros, horizon_days: int) -> dict[str, list[tuple[Said, int]]] | None:
    """By sort the acts and amounts at ``now``; ``None`` where the summary does not hold enough to say."""
    since = (now // DAY - horizon_days) * DAY
    found: dict[str, list[tuple[Said, int]]] = {}
    for sort, (count, some) in zip(("talk", "share"), summary.open, strict=True):
        if some and some[0].at < since:
            if count > len(some):
                return None
            some = [one for one in some if one.at >= since]
        found[sort] = [(one, 0) for one in some]
    first = summary.first
    found["first"] = [(first, 0)] if first is not None and first.at >= since else []
    many = len(summary.gaps)
    usual = summary.gaps[(many - 1) // 2] if many >= 2 else 0
    found["pace"] = [(summary.contact, usual)] if summary.contact else []
    found["heard"] = [(summary.heard, 0)] if summary.heard else []
    return found
