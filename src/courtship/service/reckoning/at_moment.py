"""Cues and people as of any moment, reckoned anew from all activities: what ``today --at`` asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from courtship.lifecycle.policy import Policy
from courtship.model import FOREVER, Micros, Post
from courtship.service.reckoning.cueing import find, people_of, reckon
from courtship.store.derived import cues as table
from courtship.store.derived.cues import Cue, Standing, Told

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


class AtMoment:
    """``gathering.Source`` of a workspace at ``moment``, by ``policy``; nothing later is known.

    Names and who is set aside are those of now. Momentum is left open.
    """

    def __init__(self, workspace: Workspace, policy: Policy, moment: Micros) -> None:
        import numpy as np

        self._workspace = workspace
        self._moment = moment
        self._policy = policy
        self._columns, self._persons = people_of(workspace)
        self._reports = reckon(self._columns, policy, moment)
        self._number = {person: number for number, person in enumerate(self._persons)}
        self._cues: dict[str, list[Cue]] = defaultdict(list)
        for cue in find(self._columns, self._persons, self._reports, moment, heard=True):
            self._cues[cue.sort].append(cue)
        columns = self._columns.columns
        owner = np.repeat(np.arange(len(self._persons)), np.diff(columns.start))
        outbound = (columns.outbound == 1) & (columns.at <= moment)
        self._outbound = np.bincount(owner[outbound], minlength=len(self._persons))
        self._first_at = columns.at[columns.start[:-1]] if len(self._persons) else columns.at
        self._talked = {cue.person: cue.amount for cue in self._cues["heard"]}
        self._contact = {cue.person: cue.at for cue in self._cues["pace"]}

    def find(
        self,
        sort: str,
        *,
        stages: Sequence[str],
        since: Micros,
        limit: int,
        newest: bool = False,
        platforms: Collection[str] | None = None,
    ) -> list[Cue]:
        found: list[Cue] = []
        for stage in stages:
            there = [
                cue
                for cue in self._cues[sort]
                if cue.stage == stage and cue.at >= since and (platforms is None or cue.platform in platforms)
            ]
            found += sorted(there, key=lambda cue: (-cue.at if newest else cue.at, cue.person))[:limit]
        return found

    def overdue(
        self,
        *,
        stages: Sequence[str],
        platforms: Collection[str],
        now: Micros,
        least: Micros,
        ceiling: Micros,
        limit: int,
    ) -> list[Cue]:
        def longest(cue: Cue) -> Micros:
            return min(max(4 * cue.amount, least), ceiling) if cue.amount else ceiling

        late = [
            cue
            for cue in self._cues["pace"]
            if cue.stage in stages and cue.platform in platforms and cue.at + longest(cue) <= now
        ]
        late.sort(key=lambda cue: (-((now - cue.at) * 1000 // longest(cue)), cue.at, cue.person))
        return late[:limit]

    def lapsing(self, *, stages: Sequence[str], after: Micros, before: Micros, limit: int) -> list[Standing]:
        import numpy as np

        codes = [self._policy.names.index(stage) for stage in stages]
        until = self._reports.until
        numbers = np.flatnonzero((until > after) & (until <= before) & np.isin(self._reports.stage, codes))
        people = self.standings([self._persons[number] for number in numbers])
        return sorted(people.values(), key=lambda one: (one.until or FOREVER, one.person))[:limit]

    def of_people(self, sort: str, people: Collection[str]) -> list[Cue]:
        wanted = frozenset(people)
        return [cue for cue in self._cues[sort] if cue.person in wanted]

    def standings(self, people: Collection[str]) -> dict[str, Standing]:
        found: dict[str, Standing] = {}
        for person, one in table.standings(self._workspace, people).items():
            number = self._number.get(person)
            if number is None or self._reports.stage[number] < 0:
                continue
            until = int(self._reports.until[number])
            found[person] = one._replace(
                stage=self._policy.names[int(self._reports.stage[number])],
                since=int(self._reports.since[number]),
                until=None if until == FOREVER else until,
                momentum="",
                first_at=int(self._first_at[number]),
                last_contact_at=self._contact.get(person),
                talk_count=self._talked.get(person, 0),
                outbound_count=int(self._outbound[number]),
            )
        return found

    def told(self, positions: Collection[int]) -> dict[int, Told]:
        return table.told(self._workspace, positions)

    def posts_named(self, objects: Collection[str]) -> dict[str, Post]:
        return table.posts_named(self._workspace, objects)

    def people_by_platform(self) -> dict[str, int]:
        return table.people_by_platform(self._workspace)

    def introduced(self, people: Collection[str]) -> list[tuple[str, Micros]]:
        return [pair for pair in table.introduced(self._workspace, people) if pair[1] <= self._moment]
