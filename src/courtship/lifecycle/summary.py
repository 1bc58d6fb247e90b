"""What has to be kept of a person so that the next activity in order of time need not read the others.

For each gauge of the policy the newest keys (times, days, kinds), as many as any condition asks for: the end
of a condition is then a value, the time of the n-th newest plus the window; of ``all`` the least, of ``any``
the greatest, and a rung is held until ``max(keep, min(gain, the rung below))``. Beside them the last active
days (momentum) and the talk that is still open (answers), and whether a block stands that nobody has ended.
Whoever has an act whose end is still to come has no summary and is always replayed. Equal to a replay, by
property test.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import orjson

from courtship.lifecycle import momentum
from courtship.lifecycle.live import Act, instants, missing
from courtship.lifecycle.policy import Policy, Rule
from courtship.lifecycle.responsiveness import ANSWER_DAYS
from courtship.model import DAY, FOREVER, Micros, Missing, Transition
from courtship.vocabulary import ANSWERS, TALK

SCHEME: Final = 2
"""Of what ``to_bytes`` writes."""

DAYS: Final = 2 * (momentum.GAPS + 1)
"""Active days kept: twice what counts, so that those after the end of what is seen may be passed over."""

OPEN: Final = 256
"""Open talk kept at most; with more the next answer replays the person."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = _EPOCH.date().toordinal()
_NEVER: Final = -FOREVER
WITHIN: Final = ANSWER_DAYS * DAY
"""How long an answer counts as one."""


_Conditions = tuple[tuple[int, int, Micros], ...]
_Rule = tuple[_Conditions, _Conditions]
"""What ``all`` and ``any`` ask for: of each condition the gauge's number, how many, the gauge's window."""


class Ladder:
    """A policy made ready: for each kind and direction the gauges that it moves; how many keys each keeps."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.need = [0] * len(policy.gauges)
        self.windows = [gauge.window for gauge in policy.gauges]
        self.rungs = tuple((self._rule(stage.gain), self._rule(stage.keep)) for stage in policy.stages)
        self.moves: dict[tuple[str, bool], list[tuple[int, str]]] = {}
        for place, gauge in enumerate(policy.gauges):
            for kind in gauge.of:
                moved = self.moves.setdefault((kind, gauge.direction == "outbound"), [])
                moved.append((place, gauge.measure))
        self.zone = None if policy.timezone == "UTC" else policy.zone

    def _rule(self, rule: Rule) -> _Rule:
        found = []
        for conditions in (rule.all, rule.any):
            found.append(
                tuple((self.policy.place[one.gauge], one.need, one.gauge.window) for one in conditions)
            )
            for place, need, _ in found[-1]:
                self.need[place] = max(self.need[place], need)
        return found[0], found[1]

    def day(self, at: Micros) -> int:
        """The ordinal of the calendar day of a moment."""
        if self.zone is None:
            return at // DAY + _FIRST_DAY
        return (_EPOCH + timedelta(microseconds=at)).astimezone(self.zone).date().toordinal()


@dataclass(slots=True)
class Summary:
    """As of ``last``, the newest instant at which an act happened or ended.

    ``held`` says which rungs are held then; ``keys`` has for each gauge (key, newest time) in order of time;
    ``days`` the last active days (day, first time); ``open`` the times of talk that nobody has answered yet
    and an answer would still count for (``None``: more than ``OPEN``). While ``parted``, a block stands: what
    is held goes on underneath, and ``since`` is when they parted.
    """

    last: Micros
    held: list[bool]
    since: Micros
    peak: int
    keys: list[list[list[int]]]
    days: list[list[int]] = field(default_factory=list)
    talk: int = 0
    answered: int = 0
    open: list[Micros] | None = field(default_factory=list)
    parted: bool = False
    ends: list[Micros] | None = field(default=None, compare=False)
    """Until when each rung is held, where the last step has found it; not written."""

    def to_bytes(self) -> bytes:
        """Compact, the same for the same summary."""
        said = [SCHEME, self.last, self.held, self.since, self.peak, self.keys, self.days]
        return orjson.dumps([*said, self.talk, self.answered, self.open, self.parted])

    @classmethod
    def from_bytes(cls, told: bytes) -> Summary | None:
        """``None`` where an older version wrote it."""
        scheme, *values = orjson.loads(told)
        return cls(*values) if scheme == SCHEME else None


class Outlook(NamedTuple):
    """Where somebody stands at a moment: ranks of stages, what each gauge shows (up to what is asked for).
    ``top`` is the highest rung held, also underneath a block."""

    stage: int
    top: int
    since: Micros
    until: Micros | None
    have: list[int]
    lapses: list[Transition]


def begin(ladder: Ladder, at: Micros) -> Summary:
    """Somebody of whom nothing was heard before their first act at ``at``."""
    stages = len(ladder.rungs)
    return Summary(at - 1, [False] * stages, at, 0, [[] for _ in ladder.policy.gauges])


def summarise(ladder: Ladder, acts: Sequence[Act], now: Micros) -> Summary | None:
    """All of a person's acts, in order of time, as of ``now``; ``None`` where that cannot be summed up."""
    if not acts or acts[-1].at > now:
        return None
    ended = False
    for act in acts:
        if now < act.ended < FOREVER:
            return None
        ended = ended or act.ended != FOREVER
    summary = begin(ladder, acts[0].at)
    if not ended:
        i, many = 0, len(acts)
        while i < many:
            j = i + 1
            while j < many and acts[j].at == acts[i].at:
                j += 1
            _advance(ladder, summary, acts[i:j], whole=False)
            i = j
    else:
        _with_ends(ladder, summary, acts)
    _listen_to_all(summary, acts)
    return summary


def _listen_to_all(summary: Summary, acts: Sequence[Act]) -> None:
    """Counts the talk of all acts, however much is open between two answers."""
    precise = [act for act in acts if act.precise and act.ended == FOREVER]
    talk = [act.at for act in precise if not act.outbound and act.kind in TALK]
    answers = [act.at for act in precise if act.outbound and act.kind in ANSWERS]
    after = [bisect_right(answers, at) for at in talk]
    summary.talk = len(talk)
    summary.answered = sum(
        place < len(answers) and answers[place] < at + WITHIN for at, place in zip(talk, after, strict=True)
    )
    summary.open = still_open([at for at, place in zip(talk, after, strict=True) if place == len(answers)])


def _with_ends(ladder: Ladder, summary: Summary, acts: Sequence[Act]) -> None:
    """Sums up where some acts have ended: by the plain reading, up to the last that happened."""
    acts = [act._replace(ended=max(act.ended, act.at)) for act in acts]
    summary.last = max(act.at if act.ended == FOREVER else act.ended for act in acts)
    summary.last = max(summary.last, acts[-1].at)
    stood = 0
    for instant, _, held, parted in instants(acts, ladder.policy):
        if instant > summary.last:
            break
        top = _top(held)
        summary.peak = max(summary.peak, top)
        now = len(held) + 1 if parted else top
        if now != stood:
            stood, summary.since = now, instant
        summary.held, summary.parted = held, parted
    for act in acts:
        if act.ended == FOREVER:
            _keep(ladder, summary, act, whole=False)


def advance(ladder: Ladder, summary: Summary, act: Act) -> list[Transition]:
    """Takes in one act, later than ``summary.last`` and without an end; answers the changes of stage after
    ``last`` up to the act's time."""
    return _advance(ladder, summary, (act,))


def _advance(
    ladder: Ladder, summary: Summary, acts: Sequence[Act], *, whole: bool = True
) -> list[Transition]:
    """``whole``: with what is said and answered."""
    at = acts[0].at
    names = ladder.policy.names
    ends = _ends(ladder, summary)
    moves = _lapses(summary, ends, at - 1, names)
    if moves:
        summary.since = moves[-1].at
    held = [end >= at for end in ends]
    stood = len(held) + 1 if summary.parted else _top(held)
    for act in acts:
        _keep(ladder, summary, act, whole=whole)
        summary.parted = summary.parted or act.kind == "block"
    below, keys = True, summary.keys
    until = FOREVER
    now, ends = [], []
    for before, (gain, keep) in zip(held, ladder.rungs, strict=True):
        won = _end(keys, gain)
        kept = _end(keys, keep) if before or (below and won > at) else _NEVER
        below = (below and won > at) or (before and kept > at)
        until = max(kept, min(won, until)) if below else _NEVER
        now.append(below)
        ends.append(until)
    top = _top(now)
    stands = len(now) + 1 if summary.parted else top
    if stands != stood:
        moves.append(Transition(at, names[stood], names[stands], "activity", min(act.id for act in acts)))
        summary.since = at
    summary.held, summary.peak, summary.last, summary.ends = now, max(summary.peak, top), at, ends
    return moves


def outlook(ladder: Ladder, summary: Summary, now: Micros) -> Outlook:
    """Where somebody stands at ``now``, not before ``summary.last``, if nothing more is heard."""
    ends = _ends(ladder, summary)
    lapses = _lapses(summary, ends, now, ladder.policy.names)
    top = len(ends)
    while top and ends[top - 1] <= now:
        top -= 1
    until = ends[top - 1] if top else FOREVER
    have = []
    for window, keys in zip(ladder.windows, summary.keys, strict=True):
        many = len(keys)
        if window != FOREVER:
            over = 0  # those that have passed come first
            while over < many and keys[over][1] + window <= now:
                over += 1
            many -= over
        have.append(many)
    if summary.parted:
        return Outlook(len(ends) + 1, top, summary.since, None, have, lapses)
    since = lapses[-1].at if lapses else summary.since
    return Outlook(top, top, since, None if until == FOREVER else until, have, lapses)


def lacks(ladder: Ladder, found: Outlook) -> tuple[Missing, ...]:
    """What the next stage still asks for."""
    return missing(ladder.policy, found.top, found.have)


def unmet(ladder: Ladder, found: Outlook) -> list[int]:
    """The same by number: which conditions of the next stage's ``gain``, those of ``all`` first."""
    if found.top == len(ladder.rungs):
        return []
    have = found.have
    (every, some), _ = ladder.rungs[found.top]
    lacking = [number for number, (place, need, _) in enumerate(every) if have[place] < need]
    of_some = [number for number, (place, need, _) in enumerate(some, len(every)) if have[place] < need]
    return lacking + of_some if len(of_some) == len(some) else lacking


def momentum_of(summary: Summary, now: Micros) -> str | None:
    """The word for the person's momentum, as of ``now`` or the end of what is seen of them if that is
    earlier; ``""`` where there is none, ``None`` where the summary does not reach back far enough."""
    days = [day for day, first in summary.days if first <= now]
    if len(days) <= momentum.GAPS and len(summary.days) == DAYS:
        return None
    found = momentum.of_days(days, now // DAY)
    return found.momentum if found else ""


def _keep(ladder: Ladder, summary: Summary, act: Act, *, whole: bool) -> None:
    at, _, kind, outbound, precise, _ = act
    date = 0
    for place, measure in ladder.moves.get((kind, outbound), ()):
        keys = summary.keys[place]
        if measure == "days":
            if not precise:
                continue
            key = date = date or ladder.day(at)
            if keys and keys[-1][0] == key:
                keys[-1][1] = at
                continue
            if len(keys) > 1 and keys[-2][0] == key:  # a clock put back over midnight
                del keys[-2]
        elif measure == "kinds":
            key = KIND_KEY[kind]
            held = next((i for i, one in enumerate(keys) if one[0] == key), None)
            if held is not None:
                del keys[held]
        else:
            key = 0
        keys.append([key, at])
        if len(keys) > ladder.need[place]:
            del keys[0]
    if precise:
        if not outbound and kind in momentum.RHYTHM_KINDS:
            day = at // DAY
            if not summary.days or summary.days[-1][0] != day:
                summary.days.append([day, at])
                if len(summary.days) > DAYS:
                    del summary.days[0]
        if whole:
            _listen(summary, act)


def _listen(summary: Summary, act: Act) -> None:
    kind, at = act.kind, act.at
    if not act.outbound:
        if kind in TALK:
            summary.talk += 1
            if summary.open is not None:
                summary.open.append(at)
                if len(summary.open) > OPEN:
                    summary.open = [one for one in summary.open if at < one + WITHIN]
                    if len(summary.open) > OPEN:
                        summary.open = None
    elif kind in ANSWERS and summary.open != []:
        if summary.open is None:
            raise TooMuch
        summary.answered += sum(one < at < one + WITHIN for one in summary.open)
        summary.open = [one for one in summary.open if one >= at]


class TooMuch(Exception):
    """More is open than a summary holds; replay the person."""


KIND_KEY: Final = {kind: code for code, kind in enumerate(sorted(TALK | ANSWERS | {"follow", "view"}))}
"""What stands for a kind in the keys of a gauge that counts kinds."""


def still_open(talk: Sequence[Micros]) -> list[Micros] | None:
    """What a summary keeps of talk, in order of time, that nobody has answered after any of it."""
    kept: list[Micros] = []
    for at in talk:
        kept.append(at)
        if len(kept) > OPEN:
            kept = [one for one in kept if at < one + WITHIN]
            if len(kept) > OPEN:
                return None
    return kept


def _top(held: Sequence[bool]) -> int:
    rank = len(held)
    while rank and not held[rank - 1]:
        rank -= 1
    return rank


def _end(all_keys: Sequence[list[list[int]]], rule: _Rule) -> Micros:
    """Until when a rule holds if nothing more happens; before all time where it does not."""
    end = FOREVER
    for place, need, window in rule[0]:
        keys = all_keys[place]
        if len(keys) < need:
            return _NEVER
        if window != FOREVER:
            passes = keys[-need][1] + window
            if passes < end:
                end = passes
    if rule[1]:
        best = _NEVER
        for place, need, window in rule[1]:
            keys = all_keys[place]
            if len(keys) >= need:
                passes = FOREVER if window == FOREVER else keys[-need][1] + window
                if passes > best:
                    best = passes
        if best < end:
            end = best
    return end


def _ends(ladder: Ladder, summary: Summary) -> list[Micros]:
    """Until when each rung is held if nothing more happens; before all time for those that are not."""
    if summary.ends is not None:
        return summary.ends
    ends: list[Micros] = []
    below, keys = FOREVER, summary.keys
    for held, (gain, keep) in zip(summary.held, ladder.rungs, strict=True):
        below = max(_end(keys, keep), min(_end(keys, gain), below)) if held else _NEVER
        ends.append(below)
    return ends


def _lapses(
    summary: Summary, ends: Sequence[Micros], until: Micros, names: Sequence[str]
) -> list[Transition]:
    """The changes of stage after ``summary.last``, up to and with ``until``."""
    moves: list[Transition] = []
    if summary.parted:
        return moves
    top = _top(summary.held)
    while top and ends[top - 1] <= until:
        at = ends[top - 1]
        now = max((rank for rank, end in enumerate(ends, 1) if end > at), default=0)
        moves.append(Transition(at, names[top], names[now], "lapse", None))
        top = now
    return moves
