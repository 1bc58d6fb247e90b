"""What can be seen: absence of evidence is not evidence of absence.

Each source declares what it shows: of one of the brand's accounts, of each kind in each direction, from
when to when. Nothing here changes a stage; it changes what is said of one. What no source declares is
``none``. What is seen is told by the day: data of this morning last until midnight UTC, so that nobody
becomes less certain by an hour, and the same is said at noon and in the evening.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from courtship.model import DAY, FOREVER, Coverage, Micros, Missing, Report
from courtship.vocabulary import KINDS, Direction, Seen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from courtship.columns import Columns
    from courtship.lifecycle.report import Reports

Span = tuple[Micros, Micros]
"""From (within) and until (without)."""

_BEST: Final[dict[Seen, int]] = {"none": 0, "some": 1, "full": 2}


class Covered(NamedTuple):
    """How much of a period is seen at all: ``seen`` of ``of`` microseconds."""

    seen: Micros
    of: Micros

    @property
    def per_cent(self) -> int:
        """In whole per cent, down; a period without length is seen."""
        return 100 * self.seen // self.of if self.of else 100


class Coverages:
    """All that the sources declare, merged: spans that touch or overlap become one."""

    def __init__(self, declared: Iterable[Coverage]) -> None:
        # by platform, then account, then (kind, direction): what is seen fully, and what at all
        spans: dict[str, dict[str, dict[tuple[str, str], tuple[list[Span], list[Span]]]]] = {}
        for each in declared:
            if each.seen == "none":
                continue
            span = (-FOREVER if each.start is None else each.start, each.end)
            accounts = spans.setdefault(each.account.partition(":")[0], {})
            kinds = accounts.setdefault(each.account, {})
            full, some = kinds.setdefault((each.kind, each.direction), ([], []))
            some.append(span)
            if each.seen == "full":
                full.append(span)
        for platform, accounts in spans.items():  # what holds for any account holds for each
            for key, (full, some) in accounts.get(f"{platform}:*", {}).items():
                for account in accounts.keys() - {f"{platform}:*"}:
                    mine = accounts[account].setdefault(key, ([], []))
                    mine[0].extend(full)
                    mine[1].extend(some)
        self._spans = {
            platform: [
                {key: (merged(full), merged(some)) for key, (full, some) in kinds.items()}
                for kinds in accounts.values()
            ]
            for platform, accounts in spans.items()
        }

    def seen(
        self,
        platforms: Iterable[str],
        kinds: Collection[str],
        direction: Direction,
        start: Micros,
        end: Micros,
    ) -> Seen:
        """How well acts of ``kinds`` are seen on [``start``, ``end``), on the best of ``platforms``.

        ``full`` where every kind is seen fully all of the time, ``none`` where none is at any time, else
        ``some``. Where the brand has several accounts on a platform, the best one counts.
        """
        best: Seen = "none"
        for platform in platforms:
            for spans in self._spans.get(platform, ()):
                found = [spans.get((kind, direction), ([], [])) for kind in kinds]
                if found and all(_length(full, start, end) == end - start for full, _ in found):
                    return "full"
                if any(_length(some, start, end) for _, some in found):
                    best = "some"
        return best

    def covered_until(self, platforms: Iterable[str], direction: Direction = "inbound") -> Micros | None:
        """The end of what is seen of somebody on ``platforms``; ``None`` where nothing is."""
        span = self.span(platforms, KINDS, direction)
        return None if span is None else span[1]

    def span(self, platforms: Iterable[str], kinds: Collection[str], direction: Direction) -> Span | None:
        """From when to when acts of ``kinds`` are seen on ``platforms``, however well; ``None`` for never."""
        found = [span for spans in self._of(platforms, kinds, direction) for span in spans]
        return (min(start for start, _ in found), max(end for _, end in found)) if found else None

    def covered(
        self,
        platforms: Iterable[str],
        kinds: Collection[str],
        direction: Direction,
        start: Micros,
        end: Micros,
    ) -> Covered:
        """How much of [``start``, ``end``) any of ``kinds`` is seen at all on any of ``platforms``."""
        spans = merged([span for spans in self._of(platforms, kinds, direction) for span in spans])
        return Covered(_length(spans, start, end), max(0, end - start))

    def of_missing(self, missing: Missing, platforms: Collection[str], at: Micros) -> Seen:
        """How well what is missing could have been seen: over its condition's window, up to ``at``.

        The window is that of the beginning of ``at``'s day. A follow stands or not at ``at`` alone: ``full``
        if follows are seen up to then.
        """
        at -= at % DAY
        condition = missing.condition
        direction: Direction = condition.get("direction", "inbound")
        if "standing" not in condition:
            window = condition["within_days"] * DAY
            return self.seen(platforms, condition["of"], direction, at - window, at)
        now = self.seen(platforms, ("follow",), direction, at - 1, at)
        ever = self.seen(platforms, ("follow",), direction, -FOREVER, at)
        return now if now != "none" or ever == "none" else "some"

    def said_of(self, report: Report, platforms: Collection[str], at: Micros) -> Report:
        """The report with ``seen`` on all that is missing, and ``certain``: whether all of it is fully seen.

        ``platforms`` are those of the person's accounts.
        """
        missing = tuple(each._replace(seen=self.of_missing(each, platforms, at)) for each in report.missing)
        return replace(report, missing=missing, certain=all(each.seen == "full" for each in missing))

    def _of(self, platforms: Iterable[str], kinds: Collection[str], direction: Direction) -> list[list[Span]]:
        return [
            some
            for platform in platforms
            for spans in self._spans.get(platform, ())
            for (kind, towards), (_, some) in spans.items()
            if kind in kinds and towards == direction
        ]


def is_announced(lapse: Micros, covered_until: Micros | None) -> bool:
    """Whether a lapse may be announced: it falls within what is seen of the person.

    What falls after it may only look like one: the data ends, not the friendship. Of whom no source says
    anything (``None``), only the owner's own log tells, and that lasts till now.
    """
    return covered_until is None or lapse <= covered_until


# ---------------------------------------------------------------- of many people


class PlatformSets(NamedTuple):
    """On which platforms each person is: ``sets[code[i]]`` are those of person *i*."""

    code: NDArray[np.int64]
    sets: list[frozenset[str]]


def platform_sets(columns: Columns) -> PlatformSets:
    """The platforms of each person of ``columns``."""
    import numpy as np

    people = len(columns.start) - 1
    person = np.repeat(np.arange(people), np.diff(columns.start))
    on = np.zeros((people, len(columns.platforms)), np.bool_)
    on[person, columns.platform] = True
    # one number for each set of platforms, 60 platforms a step, so that no rows need sorting
    code = np.zeros(people, np.int64)
    for first in range(0, max(len(columns.platforms), 1), 60):
        some = on[:, first : first + 60]
        bits = some.astype(np.int64) @ (1 << np.arange(some.shape[1], dtype=np.int64))
        _, low = np.unique(bits, return_inverse=True)
        _, code = np.unique(code * (int(low.max(initial=0)) + 1) + low, return_inverse=True)
    _, example = np.unique(code, return_index=True)
    names = np.array(columns.platforms, object)
    return PlatformSets(code.astype(np.int64), [frozenset(names[on[row]].tolist()) for row in example])


def covered_until_of_many(
    coverages: Coverages, people: PlatformSets, direction: Direction = "inbound", otherwise: Micros = -FOREVER
) -> NDArray[np.int64]:
    """The end of what is seen of each person; ``otherwise`` where nothing is."""
    import numpy as np

    ends = [coverages.covered_until(platforms, direction) for platforms in people.sets]
    return np.array([otherwise if end is None else end for end in ends], np.int64)[people.code]


def seen_of_many(coverages: Coverages, people: PlatformSets, kinds: Collection[str]) -> NDArray[np.int64]:
    """From when to when answers of ``kinds`` are seen, p by 2 by 2: the brand's, then theirs."""
    import numpy as np

    never = (FOREVER, -FOREVER)
    spans = [[coverages.span(platforms, kinds, way) or never for way in _WAYS] for platforms in people.sets]
    return np.array(spans, np.int64).reshape(-1, 2, 2)[people.code]


_WAYS: Final[tuple[Direction, Direction]] = ("outbound", "inbound")


def certain_of_many(
    coverages: Coverages, people: PlatformSets, reports: Reports, at: Micros
) -> NDArray[np.bool_]:
    """``certain`` of each person: as ``Coverages.said_of`` says of one."""
    import numpy as np

    policy = reports.policy
    certain = np.ones(len(reports), np.bool_)
    for rung, stage in enumerate(policy.stages):
        next_up = reports.top == rung
        if not next_up.any():
            continue
        unmet: dict[str, list[Any]] = {
            name: [reports.have[:, policy.place[each.gauge]] < each.need for each in conditions]
            for name, conditions in (("all", stage.gain.all), ("any", stage.gain.any))
        }
        none_of_any = (
            np.logical_and.reduce(unmet["any"]) if unmet["any"] else np.zeros(len(reports), np.bool_)
        )
        for each, lacks in zip(
            (*stage.gain.all, *stage.gain.any),
            (*unmet["all"], *([none_of_any] * len(unmet["any"]))),
            strict=True,
        ):
            asked = Missing(stage.name, "all", each.said, 0, each.need)
            full = np.array(
                [coverages.of_missing(asked, platforms, at) == "full" for platforms in people.sets], np.bool_
            )
            certain &= ~(next_up & lacks & ~full[people.code])
    return certain


def merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that touch or overlap as one; empty ones left out."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _length(spans: Iterable[Span], start: Micros, end: Micros) -> Micros:
    """How much of [``start``, ``end``) lies in the spans, which do not overlap."""
    return sum(max(0, min(end, until) - max(start, since)) for since, until in spans)
