"""Momentum: whether somebody comes *more* often than they used to, as ever, less, or has gone quiet.

Everybody is measured by their own rhythm, in whole days, beside the slow stage:

* An **active day** is a UTC day with at least one precise inbound act of talk or reaction
  (``RHYTHM_KINDS``) that still stands. A **gap** is the number of days from one active day to the next;
  the **silence** those from the last one to the day of asking (or to the end of what is seen of the
  person, if that is earlier).
* Of the gaps the last ``GAPS`` count. Who has less than ``OWN_GAPS`` gets one of ``FIRST_GAP`` days put
  before their own: so somebody new is judged as anybody until they have a rhythm of their own.
* With *n* gaps that sum to *S*: **quiet** if the silence is longer than three times the mean gap
  (silence * n > 3 S), longer than any of the gaps, and longer than ``PATIENCE`` days. Were the gaps
  exponential, a silence of three means would come by chance once in twenty times (e^-3); however they are
  distributed, the newest of n + 1 alike is the longest once in n + 1 times.
* Else **cooling** if the silence is longer than twice the mean gap, than any of the gaps and than half of
  ``PATIENCE``; else **warming** if they lately came twice as often as before, **cooling** if half as
  often, **steady** otherwise. *Before* and *lately* are mean gaps: of all gaps but the r latest, and of
  these (r is half of n, at most ``LATELY``). For warming the silence counts as well: the sum of the r
  latest gaps and of the silence over r (at least 1), the estimate of a mean gap where the last is still
  open (Epstein and Sobel 1953, "Life testing"); so nobody is warming for long who is silent.

To judge a silence by the person's own rate of coming is the idea of Schmittlein, Morrison and Colombo
(1987), "Counting your customers", Management Science 33(1); that a plain rule on the silence ranks people
as well as the fitted model is shown by Wübben and von Wangenheim (2008), "Instant customer base analysis",
Journal of Marketing 72(3). All comparisons are between integers, so that no machine rounds otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, get_args

from courtship.lifecycle.live import Act
from courtship.model import DAY, Micros, Momentum
from courtship.vocabulary import TALK

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from courtship.columns import Columns

MOMENTA: Final[tuple[Momentum, ...]] = get_args(Momentum)
"""``warming``, ``steady``, ``cooling``, ``quiet``: the position of each is its code in columns."""

RHYTHM_KINDS: Final[frozenset[str]] = TALK | {"like", "vote"}
"""Talk and reactions; views and follows say nothing of a rhythm."""

GAPS: Final = 15
"""How many of the last gaps count."""

OWN_GAPS: Final = 4
"""How many gaps it takes to be judged by them alone."""

FIRST_GAP: Final = 30
"""The gap, in days, that somebody is given of whom too little is known."""

LATELY: Final = 5
"""How many gaps at most are *lately*."""

PATIENCE: Final = 14
"""Nobody has gone quiet within so many days: a holiday is none."""


class Rhythm(NamedTuple):
    """A person's momentum and what it rests on, for words such as "every 4 days, silent for 19".

    ``usual`` is the mean gap and ``silence`` the days since the last active one, in whole days;
    ``active`` how many active days counted (at most ``GAPS`` + 1).
    """

    momentum: Momentum
    usual: int
    silence: int
    active: int


def rhythm(activities: Iterable[Act], at: Micros, covered_until: Micros | None = None) -> Rhythm | None:
    """One person's momentum at ``at``, in plain Python; ``None`` where they have done nothing that counts.

    ``covered_until`` is the end of what is seen of the person (``None``: now); what comes after it, a
    silence too, does not count. Acts may come in any order.
    """
    now = at if covered_until is None else min(at, covered_until)
    days = sorted(
        {
            act.at // DAY
            for act in activities
            if act.at <= now
            and not act.outbound
            and act.precise
            and act.kind in RHYTHM_KINDS
            and act.ended > at
        }
    )
    return of_days(days, now // DAY)


def of_days(days: Sequence[int], today: int) -> Rhythm | None:
    """The same of somebody's active days, ascending; of more than ``GAPS`` + 1 the last ones count."""
    if not days:
        return None
    gaps = [after - before for before, after in pairwise(days)]
    if len(gaps) < OWN_GAPS:
        gaps = [FIRST_GAP, *gaps]
    gaps = gaps[-GAPS:]
    silence = today - days[-1]
    recent = min(LATELY, len(gaps) // 2)
    lately, lately_of = sum(gaps[len(gaps) - recent :]), max(recent, 1)
    before, before_of = sum(gaps[: len(gaps) - recent]), len(gaps) - recent
    longest, total, number = max(gaps), sum(gaps), len(gaps)

    word: Momentum
    if silence > longest and silence * number > 3 * total and silence > PATIENCE:
        word = "quiet"
    elif silence > longest and silence * number > 2 * total and 2 * silence > PATIENCE:
        word = "cooling"
    elif 2 * (lately + silence) * before_of <= before * lately_of:
        word = "warming"
    elif lately * before_of >= 2 * before * lately_of:
        word = "cooling"
    else:
        word = "steady"
    return Rhythm(word, total // number, silence, min(len(days), GAPS + 1))


def momentum(
    columns: Columns, at: Micros, covered_until: NDArray[np.int64] | None = None
) -> NDArray[np.int8]:
    """The momentum of each person of ``columns`` as a code in ``MOMENTA``, -1 where there is none.

    ``covered_until`` is one time a person (``FOREVER``: now).
    """
    from courtship.lifecycle.columnar import rhythms

    return rhythms(columns, at, covered_until).momentum
