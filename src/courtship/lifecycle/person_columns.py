"""What is told of one person with many acts, from arrays: equal to what ``live``, ``momentum``,
``responsiveness``, ``waits`` and ``breadth`` say of the acts one by one, by property test.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from courtship.columns import Columns, PersonActs
from courtship.lifecycle.breadth import Breadth
from courtship.lifecycle.columnar import rhythms
from courtship.lifecycle.kernel import reckon_columns
from courtship.lifecycle.momentum import MOMENTA
from courtship.lifecycle.policy import Policy
from courtship.lifecycle.responsiveness import ANSWER_DAYS, Answers, Responsiveness, nearest_rank
from courtship.lifecycle.zone import offsets
from courtship.model import DAY, FOREVER, Micros, Report
from courtship.vocabulary import ANSWERS, COUNTED, KIND_CODE, KINDS, TALK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from courtship.lifecycle.coverage import Span

_WITHIN: Final = ANSWER_DAYS * DAY
_WAITS, _UNKNOWN, _NONE = -1, -2, -3


def _codes(kinds: Collection[str]) -> NDArray[np.bool_]:
    return np.array([kind in kinds for kind in KINDS], np.bool_)


_TALK: Final = _codes(TALK)
_ANSWERS: Final = _codes(ANSWERS)
_COUNTED: Final = _codes(COUNTED)


def report(acts: PersonActs, policy: Policy, at: Micros) -> tuple[Report, dict[str, int]] | None:
    """Where the person stands at ``at``, and the rows of the acts that changed the stage, by id; ``None``
    where the two had not met by then."""
    if not len(acts.at):
        return None
    ids = _Ids(acts)
    found = reckon_columns(_columns(acts), policy, at, threads=1).report(0, ids)
    return None if found is None else (found, ids.asked)


class _Ids(Sequence[str]):
    """The ids, each read when it is asked for; ``asked`` has the rows of those that were."""

    def __init__(self, acts: PersonActs) -> None:
        self._acts = acts
        self.asked: dict[str, int] = {}

    def __getitem__(self, row: int) -> str:  # type: ignore[override]
        [id] = self._acts.ids(np.array([row], np.int64))
        self.asked[id] = row
        return id

    def __len__(self) -> int:
        return len(self._acts.at)


def _columns(acts: PersonActs) -> Columns:
    """As the kernel reads them: ranks only where they decide, among what ends and what begins then."""
    rank = np.zeros(len(acts.at), np.int64)
    ends = acts.ended != FOREVER
    if ends.any():
        rows = np.flatnonzero(ends | np.isin(acts.at, acts.ended[ends]))
        ids = acts.ids(rows)
        order = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)
        rank[rows[order]] = np.arange(len(rows))
    return Columns(
        np.array([0, len(acts.at)], np.int64),
        acts.at,
        acts.ended,
        acts.kind,
        acts.outbound,
        acts.precise,
        rank,
        acts.platform,
        acts.platforms,
    )


def momentum(acts: PersonActs, at: Micros, covered_until: Micros | None) -> str:
    """The word for the person's momentum at ``at``; ``""`` where there is none."""
    until = np.array([FOREVER if covered_until is None else covered_until], np.int64)
    columns = Columns(
        np.array([0, len(acts.at)], np.int64),
        acts.at,
        acts.ended,
        acts.kind,
        acts.outbound,
        acts.precise,
        acts.record,
        acts.platform,
        acts.platforms,
    )
    code = int(rhythms(columns, at, until).momentum[0])
    return MOMENTA[code] if code >= 0 else ""


class Exchange(NamedTuple):
    """Who answers whom, and the waits behind it, ascending: theirs for the brand's words, and the brand's."""

    answers: Responsiveness
    their_waits: NDArray[np.int64]
    our_waits: NDArray[np.int64]


def exchange(acts: PersonActs, at: Micros, *, ours_seen: Span, theirs_seen: Span) -> Exchange:
    """As ``responsiveness`` and ``waits``."""
    standing = (acts.at <= at) & (acts.precise != 0) & (acts.ended > at)
    inbound = np.flatnonzero(standing & (acts.outbound == 0))
    outbound = np.flatnonzero(standing & (acts.outbound != 0))
    ours, our_waits = _answers(acts, inbound, outbound, at, ours_seen)
    theirs, their_waits = _answers(acts, outbound, inbound, at, theirs_seen)
    return Exchange(
        Responsiveness(ours.pop(""), theirs.pop(""), ours, theirs),
        their_waits,
        our_waits,
    )


def _answers(
    acts: PersonActs,
    said: NDArray[np.int64],
    replies: NDArray[np.int64],
    at: Micros,
    seen: Span,
) -> tuple[dict[str, Answers], NDArray[np.int64]]:
    said = said[_TALK[acts.kind[said]]]
    replies = replies[_ANSWERS[acts.kind[replies]]]
    when, times = acts.at[said], acts.at[replies]
    answer = np.full(len(said), FOREVER, np.int64)
    after = np.searchsorted(times, when, side="right")
    some = np.flatnonzero(after < len(times))
    soon = some[times[after[some]] < when[some] + _WITHIN]
    answer[soon] = times[after[soon]]
    # what names the very words is their answer, however late
    names = np.concatenate([acts.answers[replies], acts.about[replies]])
    place = np.tile(np.arange(len(replies)), 2)[names != 0]
    names = names[names != 0]
    about = acts.about[said]
    if len(names) and about.any():
        known, code = np.unique(names, return_inverse=True)
        key = np.sort(code * (len(replies) + 1) + place)
        mine = np.minimum(np.searchsorted(known, about), len(known) - 1)
        asked = np.flatnonzero((about != 0) & (known[mine] == about))
        wanted = mine[asked] * (len(replies) + 1) + after[asked]
        found = np.searchsorted(key, wanted)
        met = found < len(key)
        met[met] = key[found[met]] // (len(replies) + 1) == mine[asked][met]
        answer[asked[met]] = times[key[found[met]] % (len(replies) + 1)]
    told = answer != FOREVER
    delay = np.where(told, answer - np.where(told, when, 0), _NONE)
    delay[~told & (when + _WITHIN > at)] = _WAITS
    hidden = ~((seen[0] <= when) & (when + _WITHIN <= seen[1]))
    delay[(delay == _NONE) & hidden] = _UNKNOWN
    summed = {"": _summary(delay)}
    platform = acts.platform[said]
    for code in np.unique(platform).tolist():
        summed[acts.platforms[code]] = _summary(delay[platform == code])
    return summed, np.sort(delay[delay >= 0])


def _summary(delay: NDArray[np.int64]) -> Answers:
    answered = np.sort(delay[delay >= 0])
    many = len(answered)
    return Answers(
        talk=len(delay),
        answered=many,
        unanswered=int((delay == _NONE).sum()),
        waiting=int((delay == _WAITS).sum()),
        unknown=int((delay == _UNKNOWN).sum()),
        median=int(nearest_rank(answered, 50)) if many else None,  # type: ignore[arg-type]
        p90=int(nearest_rank(answered, 90)) if many else None,  # type: ignore[arg-type]
    )


def breadth(acts: PersonActs, at: Micros, zone: str) -> Breadth | None:
    """As ``breadth.breadth``; ``zone`` is the name of the policy's."""
    known = acts.at <= at
    if not known.any():
        return None
    inbound = np.flatnonzero(known & (acts.outbound == 0))
    standing = inbound[acts.ended[inbound] > at]
    counted = standing[_COUNTED[acts.kind[standing]]]
    talk = standing[_TALK[acts.kind[standing]]]
    public = acts.public[talk]
    seen_by = acts.followers[talk[public == 1]]
    dated = acts.at[counted[acts.precise[counted] != 0]]
    first = None
    if len(inbound):
        start = acts.at[inbound[0]]
        at_first = inbound[: int(np.searchsorted(acts.at[inbound], start, side="right"))].tolist()
        first = min(at_first, key=lambda row: (KINDS[acts.kind[row]], acts.accounts[acts.account[row]]))
    return Breadth(
        kinds=_counts(acts.kind[counted], KINDS),
        platforms=_counts(acts.platform[counted], acts.platforms),
        days=len(np.unique((dated + offsets_at(zone, dated)) // DAY)),
        public=int((public == 1).sum()),
        private=int((public == 0).sum()),
        unsaid=int((public == -1).sum()),
        audience=int(seen_by.max()) if (seen_by >= 0).any() else None,
        tenure=at - int(acts.at[0]),
        before_like=_watched(acts, inbound, _LIKE),
        before_word=_watched(acts, inbound, _TALK),
        at_least=first is not None and not acts.precise[first],
    )


_LIKE: Final = np.arange(len(KINDS)) == KIND_CODE["like"]


def offsets_at(zone: str, at: NDArray[np.int64]) -> NDArray[np.int64]:
    """The zone's UTC offset (microseconds) at each of these moments, ascending ones."""
    if not len(at) or zone == "UTC":
        return np.zeros(len(at), np.int64)
    since, offset = offsets(zone, int(at[0]), int(at[-1]))
    found: NDArray[np.int64] = offset[np.searchsorted(since, at, side="right") - 1]
    return found


def _counts(codes: NDArray[np.uint8] | NDArray[np.uint16], names: Sequence[str]) -> dict[str, int]:
    counted = np.bincount(codes, minlength=len(names)).tolist()
    found = [(names[code], many) for code, many in enumerate(counted) if many]
    return dict(sorted(found, key=lambda each: (-each[1], each[0])))


def _watched(acts: PersonActs, inbound: NDArray[np.int64], kinds: NDArray[np.bool_]) -> Micros | None:
    """From the first act to the first precise one of ``kinds``."""
    rows = inbound[kinds[acts.kind[inbound]] & (acts.precise[inbound] != 0)]
    return int(acts.at[rows[0]] - acts.at[inbound[0]]) if len(rows) else None
