"""Who stood where at any moment, who moved between two, and who they are: for the board and its lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from courtship.lifecycle.coverage import Coverages
from courtship.model import FOREVER, Micros
from courtship.service.reckoning.keeping import kept_while_people_stay
from courtship.store.derived import movement_query, people_query

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from courtship.store.workspace import Workspace

K = TypeVar("K")
V = TypeVar("V")

NEW = "new"
"""Not met yet."""

_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Change:
    """``people`` went from ``before`` (``"new"``: not met at the start) to ``after`` (the same: stayed)."""

    before: str
    after: str
    people: int


@dataclass(frozen=True)
class History:
    """The whole audience's changes of stage, answering for any moment.

    ``announced`` is the same without the lapses after the end of what is seen of somebody: who moved is
    told by it. ``unannounced`` are those whom such a lapse has moved by the rule, for all that is known.
    """

    moves: movement_query.Movements
    beyond: NDArray[np.bool_] | None = None
    """Which changes are not announced; ``None``: all are."""
    seen_until: NDArray[np.int64] | None = None
    """The end of what is seen of each person, ``FOREVER`` where that is now; ``None``: of all."""
    _at: dict[Micros, NDArray[np.int16]] = field(default_factory=dict, repr=False)
    _counts: dict[Micros, dict[str, int]] = field(default_factory=dict, repr=False)
    _who: dict[tuple[Micros, Micros, str, str], frozenset[str]] = field(default_factory=dict, repr=False)
    _flows: dict[tuple[Micros, Micros], list[Change]] = field(default_factory=dict, repr=False)

    @cached_property
    def announced(self) -> History:
        if self.beyond is None or not self.beyond.any():
            return self
        return History(self.moves.only(~self.beyond), seen_until=self.seen_until)

    @cached_property
    def unannounced(self) -> frozenset[str]:
        import numpy as np

        if self.beyond is None:
            return frozenset()
        last = np.r_[self.moves.person[1:] != self.moves.person[:-1], True][: len(self.moves.person)]
        return frozenset(self.moves.people[index] for index in self.moves.person[last & self.beyond])

    @cached_property
    def last(self) -> Micros:
        """After it nothing changes: every later moment is as this one."""
        moves = self.moves
        changed = int(moves.at.max()) if len(moves.at) else 0
        return max(changed, int(moves.first_at.max()) if len(moves.first_at) else 0)

    def at(self, moment: Micros) -> NDArray[np.int16]:
        """Each person's stage at a moment as a code into ``moves.stages``, -1 for those not met yet."""
        moment = min(moment, self.last)
        return _remembered(self._at, moment, lambda: self._reckoned(moment), 16)

    def _reckoned(self, moment: Micros) -> NDArray[np.int16]:
        import numpy as np

        moves = self.moves
        stage = np.where(moves.first_at <= moment, moves.first_stage, np.int16(_NOBODY))
        known = moves.at <= moment
        # changes are in order of person and time: the last one assigned stands
        stage[moves.person[known]] = moves.after[known]
        return stage.astype(np.int16)

    def counts(self, moment: Micros) -> dict[str, int]:
        """People by stage at a moment."""
        moment = min(moment, self.last)
        return _remembered(self._counts, moment, lambda: self._counted(moment), 500)

    def _counted(self, moment: Micros) -> dict[str, int]:
        import numpy as np

        codes = self._reckoned(moment)
        told = np.bincount(codes[codes >= 0], minlength=len(self.moves.stages))
        return {stage: int(n) for stage, n in zip(self.moves.stages, told, strict=True)}

    def flow(self, start: Micros, end: Micros) -> list[Change]:
        """Everybody met by ``end``, by where they stood at ``start`` and at ``end``."""
        start, end = min(start, self.last), min(end, self.last)
        return _remembered(self._flows, (start, end), lambda: self._flowed(start, end), 100)

    def _flowed(self, start: Micros, end: Micros) -> list[Change]:
        import numpy as np

        before, after = self.at(start), self.at(end)
        width = len(self.moves.stages) + 1
        met = after >= 0
        told = np.bincount((before[met] + 1).astype(np.int64) * width + after[met], minlength=width * width)
        names = (NEW, *self.moves.stages)
        found: Counter[tuple[str, str]] = Counter()
        for code, people in enumerate(told):
            if people:
                found[names[code // width], self.moves.stages[code % width]] += int(people)
        return [Change(a, b, n) for (a, b), n in found.items()]

    def who(self, start: Micros, end: Micros, before: str, after: str) -> frozenset[str]:
        """The ids of those who went from ``before`` to ``after``; ``""`` asks for any stage."""
        start, end = min(start, self.last), min(end, self.last)
        key = (start, end, before, after)
        return _remembered(self._who, key, lambda: self._went(*key), 8)

    def _went(self, start: Micros, end: Micros, before: str, after: str) -> frozenset[str]:
        import numpy as np

        one, two = self.at(start), self.at(end)
        picked = two >= 0
        if before:
            picked &= one == self._code(before)
        if after:
            picked &= two == self._code(after)
        return frozenset(self.moves.people[index] for index in np.flatnonzero(picked))

    def standing(self, moment: Micros, stage: str) -> frozenset[str]:
        """The ids of those who stood in a stage at a moment."""
        return self.who(moment, moment, "", stage)

    def _code(self, stage: str) -> int:
        if stage == NEW:
            return _NOBODY
        return self.moves.stages.index(stage) if stage in self.moves.stages else len(self.moves.stages)

    def first(self) -> Micros | None:
        """When the first person was met; ``None`` where there is nobody."""
        return int(self.moves.first_at.min()) if len(self.moves.first_at) else None


def _remembered(kept: dict[K, V], key: K, make: Callable[[], V], most: int) -> V:
    """``kept[key]``, made where it is missing; the oldest of more than ``most`` is let go."""
    found = kept.get(key)
    if found is None:
        found = kept[key] = make()
        if len(kept) > most:
            kept.pop(next(iter(kept)), None)
    return found


def _seen_until(moves: movement_query.Movements, seen: Coverages) -> NDArray[np.int64]:
    """The end of what is seen of each person."""
    import numpy as np

    until: dict[str, Micros | None] = {
        stored: seen.covered_until(people_query.split(stored)) for stored in set(moves.platforms)
    }
    # of whom no source says anything, only the owner's own log tells, and that lasts till now
    return np.array([FOREVER if (end := until[one]) is None else end for one in moves.platforms], np.int64)


def history(workspace: Workspace) -> History:
    """The audience's history, kept in memory and taken on by those who changed; lapses come to it in the
    background."""

    def of(moves: movement_query.Movements) -> History:
        ends = _seen_until(moves, Coverages(workspace.coverage()))
        # a lapse after the end of what is seen of the person is not announced
        beyond = moves.lapse & (moves.at > ends[moves.person]) if len(moves.at) else moves.lapse
        return History(moves, beyond, ends)

    return kept_while_people_stay(
        workspace,
        "movements",
        lambda: of(movement_query.movements(workspace)),
        lambda held, people: of(movement_query.taken_on(workspace, held.moves, people)),
    )
