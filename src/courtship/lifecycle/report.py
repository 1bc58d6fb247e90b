"""What the kernel hands back, and a ``Report`` of it for one person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from courtship.lifecycle.live import missing
from courtship.lifecycle.policy import Policy
from courtship.model import FOREVER, Report, Transition

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Reports:
    """Where ``p`` persons stand; ``g`` is the number of the policy's gauges.

    ``stage`` (int16) and ``peak`` are positions in ``policy.names``; a stage of -1 says that there is no
    such person yet, and then nothing else of the row means anything. ``top`` is the highest stage held,
    also beneath a block. ``since`` and ``until`` are UTC microseconds, ``FOREVER`` where it never
    changes. The transitions of person *i* are ``start[i]:start[i + 1]`` of ``at``, ``before``, ``after``
    (positions in ``policy.names``) and ``activity`` (position in the columns reckoned, -1 for a lapse).
    ``have`` (p by g) is what each gauge shows, up to the most that any condition asks of it.
    """

    policy: Policy
    stage: NDArray[np.int16]
    top: NDArray[np.int16]
    peak: NDArray[np.int16]
    since: NDArray[np.int64]
    until: NDArray[np.int64]
    have: NDArray[np.uint32]
    start: NDArray[np.int64]
    at: NDArray[np.int64]
    before: NDArray[np.int16]
    after: NDArray[np.int16]
    activity: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.stage)

    def report(self, person: int, ids: Sequence[str]) -> Report | None:
        """What is reported of the person at a position; ``None`` where there is no such person yet.

        ``ids`` are those of the activities in the columns that were reckoned.
        """
        if self.stage[person] < 0:
            return None
        names = self.policy.names
        until = int(self.until[person])
        transitions = []
        for place in range(int(self.start[person]), int(self.start[person + 1])):
            cause = int(self.activity[place])
            transitions.append(
                Transition(
                    int(self.at[place]),
                    names[self.before[place]],
                    names[self.after[place]],
                    "lapse" if cause < 0 else "activity",
                    None if cause < 0 else ids[cause],
                )
            )
        return Report(
            stage=names[self.stage[person]],
            since=int(self.since[person]),
            until=None if until == FOREVER else until,
            peak=names[self.peak[person]],
            transitions=tuple(transitions),
            missing=missing(self.policy, int(self.top[person]), self.have[person].tolist()),
        )

    def counts(self) -> dict[str, int]:
        """How many persons stand at each stage, ``aware`` and ``parted`` included."""
        stages = self.stage.tolist()
        return {name: stages.count(code) for code, name in enumerate(self.policy.names)}
