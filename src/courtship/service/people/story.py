"""One relationship as it is told: who, where it stands and why, every act in order of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from courtship.lifecycle.breadth import Breadth
from courtship.lifecycle.coverage import is_announced
from courtship.model import Address, Micros, Report, Transition
from courtship.people.identity import Link

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Act:
    """One activity between the brand and the person. ``ended`` is ``None`` while it stands.

    ``subject`` is the first words of the post it is about, where the brand's post is known; ``followers``
    how many could see a public act, where the source says so.
    """

    id: str
    kind: str
    account: Address
    outbound: bool
    at: Micros
    ended: Micros | None = None
    precise: bool = True
    public: bool | None = None
    text: str = ""
    subject: str = ""
    url: str = ""
    followers: int | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a picture shows of acts, in order of time: arrays as in ``columns.PersonActs``."""

    at: NDArray[np.int64]
    kind: NDArray[np.uint8]
    outbound: NDArray[np.uint8]
    public: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Answering:
    """How one side answers the other: ``answered`` of ``talk`` acts, and after how long (microseconds).

    Talk still ``waiting``, and talk of which it is ``unknown`` whether it was answered, is not in ``talk``.
    """

    answered: int
    talk: int
    median: Micros | None = None
    p90: Micros | None = None
    waiting: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """One person at the moment ``at``. ``seen_until`` is where the data of all their platforms end.

    ``momentum`` is ``""`` where it cannot be told. ``acts`` are those up to ``at``, in order of time.
    """

    person: str
    name: str
    handle: str
    accounts: tuple[Address, ...]
    at: Micros
    ladder: tuple[str, ...]
    report: Report
    acts: tuple[Act, ...] = ()
    momentum: str = ""
    seen_until: Micros | None = None
    theirs: Answering | None = None
    ours: Answering | None = None
    theirs_by_platform: Mapping[str, Answering] = field(default_factory=dict)
    ours_by_platform: Mapping[str, Answering] = field(default_factory=dict)
    breadth: Breadth | None = None
    why: tuple[Link, ...] = ()
    set_aside: str = ""

    @property
    def announced(self) -> tuple[Transition, ...]:
        """The changes of stage that are told: all but lapses after the end of what is seen of the person."""
        return tuple(
            one
            for one in self.report.transitions
            if one.cause != "lapse" or is_announced(one.at, self.seen_until)
        )

    @property
    def beyond(self) -> Transition | None:
        """The last change, where it is a lapse after the end of what is seen, which is not announced."""
        last = self.report.transitions[-1] if self.report.transitions else None
        lapsed = last is not None and last.cause == "lapse"
        return last if last and lapsed and not is_announced(last.at, self.seen_until) else None

    @property
    def stood(self) -> str:
        """The stage when last seen: the reported one but for lapses that are not announced."""
        if self.beyond is None:
            return self.report.stage
        return self.announced[-1].after if self.announced else self.report.transitions[0].before
