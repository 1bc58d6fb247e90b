"""How far one can see, for the queue: from the coverage that the sources declare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from courtship.model import Coverage, Micros
from courtship.vocabulary import ANSWERS, TALK

_EVER: Micros = -(2**63)
BY_HAND = frozenset({"hand", "email", ""})
"""Platforms that no source covers: the owner sees them, or nobody does."""


def _start(one: Coverage) -> Micros:
    return _EVER if one.start is None else one.start


class Sight:
    """What is seen of each platform up to a moment: when it ends, of them and of the brand's own answers."""

    def __init__(self, coverage: Iterable[Coverage], now: Micros) -> None:
        """Of ``coverage`` what begins by ``now``; it ends at ``now`` at the latest."""
        self.ends: dict[str, Micros] = {}
        """Platform -> where everything that is seen of it ends."""
        self.heard: dict[str, Micros] = {}
        """Platform -> where what they say to the brand ceases to be seen."""
        self._answers: dict[str, list[tuple[Micros, Micros]]] = defaultdict(list)
        known = [one for one in coverage if one.seen != "none" and _start(one) <= now]
        # A table of acts declares each kind from its first to its last: what it shows at all it shows
        # for as long as it reaches, else a quiet week would look like blindness.
        reach: dict[str, tuple[Micros, Micros]] = {}
        for one in known:
            if one.seen == "some":
                start, end = reach.get(one.account, (_start(one), one.end))
                reach[one.account] = (min(start, _start(one)), max(end, one.end))
        for one in known:
            start, end = reach[one.account] if one.seen == "some" else (_start(one), one.end)
            platform, end = one.account.partition(":")[0], min(end, now)
            self.ends[platform] = max(end, self.ends.get(platform, end))
            if one.direction == "inbound" and one.kind in TALK:
                self.heard[platform] = max(end, self.heard.get(platform, end))
            if one.direction == "outbound" and one.kind in ANSWERS:
                self._answers[platform].append((start, end))

    def answers_until(self, platform: str, at: Micros) -> Micros | None:
        """Up to when the brand's own answers to something said at ``at`` are seen; ``None``: not at all."""
        return max((end for start, end in self._answers.get(platform, ()) if start <= at < end), default=None)

    def answer_spans(self, platform: str) -> tuple[tuple[Micros, Micros], ...]:
        """When the brand's own answers on a platform are seen: spans from and to."""
        return tuple(self._answers.get(platform, ()))

    def heard_until(self, platforms: Iterable[str]) -> Micros | None:
        """Up to when a person on these platforms is heard; ``None`` where on none of them."""
        return max((self.heard[one] for one in platforms if one in self.heard), default=None)

    def current(self, oldest: Micros) -> frozenset[str]:
        """The platforms on which people are heard until ``oldest`` or later."""
        return frozenset(platform for platform, end in self.heard.items() if end >= oldest)
