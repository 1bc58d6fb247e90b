"""From when to when a file of activities reaches, for sources that cannot declare what they hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final

from courtship.model import Activity, Address, Coverage, Micros
from courtship.vocabulary import Direction

if TYPE_CHECKING:
    import pyarrow as pa

CANDIDATES: Final = 4_096
"""Accounts watched at a time. An account in over one of so many activities is never lost sight of
(Misra and Gries, *Finding repeated elements*, 1982): the brand's are in nearly all."""

NAMED: Final = 16
"""Accounts for which coverage is declared, where the brand's are not known yet."""


class Spans:
    """First and last time of each kind and direction, by account, in memory that does not grow.

    Whose the brand's accounts are may be said only later. So spans are kept for the accounts that appear
    most; what is declared for an account that turns out not to be the brand's is of no effect.
    """

    def __init__(self, brand: Collection[Address]) -> None:
        self._brand = frozenset(brand)
        self._count: dict[Address, int] = dict.fromkeys(self._brand, 1)
        self._spans: dict[Address, dict[tuple[str, Direction], tuple[Micros, Micros]]] = {}

    def add(self, activity: Activity) -> None:
        """Takes in one activity."""
        if activity.target:
            self._widen(activity.target, activity.kind, "inbound", activity.at, activity.at, 1)
        if activity.actor:
            self._widen(activity.actor, activity.kind, "outbound", activity.at, activity.at, 1)

    def add_table(self, batch: pa.RecordBatch) -> None:
        """Takes in a batch of ``tables.activity_schema()``."""
        import pyarrow as pa

        table = pa.Table.from_batches([batch]).select(["kind", "actor", "target", "at"])
        sides: tuple[tuple[str, Direction], ...] = (("target", "inbound"), ("actor", "outbound"))
        for column, direction in sides:
            found = table.group_by([column, "kind"]).aggregate(
                [("at", "min"), ("at", "max"), ("at", "count")]
            )
            found = found.sort_by([("at_count", "descending")]).slice(0, CANDIDATES)
            for row in found.to_pylist():
                if row[column]:
                    self._widen(
                        row[column], row["kind"], direction, row["at_min"], row["at_max"], row["at_count"]
                    )

    def _widen(
        self, account: Address, kind: str, direction: Direction, first: Micros, last: Micros, times: int
    ) -> None:
        count = self._count
        if account in count:
            count[account] += times
        else:
            if len(count) >= CANDIDATES:
                self._forget()
            count[account] = times
        spans = self._spans.setdefault(account, {})
        held = spans.get((kind, direction))
        if held is None:
            spans[kind, direction] = (first, last)
        elif first < held[0] or last > held[1]:
            spans[kind, direction] = (min(first, held[0]), max(last, held[1]))

    def _forget(self) -> None:
        """Takes the least count from all; those left with none are forgotten, at least half of them."""
        least = sorted(self._count.values())[len(self._count) // 2]
        for account in [name for name, times in self._count.items() if times <= least]:
            if account not in self._brand:
                del self._count[account]
                self._spans.pop(account, None)
        for account in self._count:
            self._count[account] = max(1, self._count[account] - least)

    def coverage(self) -> Iterator[Coverage]:
        """``some`` of each kind and direction, from its first time to its last."""
        others = sorted(self._count, key=lambda account: (-self._count[account], account))
        named = sorted(self._brand & self._spans.keys()) or others[:NAMED]
        for account in named:
            for (kind, direction), (first, last) in sorted(self._spans.get(account, {}).items()):
                yield Coverage(account, kind, direction, "some", first, last)
