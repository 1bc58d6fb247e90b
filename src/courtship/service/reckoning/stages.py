"""Where everybody stands: now from the derived tables, at any other moment or by any other ladder anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from courtship.lifecycle.policy import Policy
from courtship.model import FOREVER, Address, Micros
from courtship.people.identity import person_id
from courtship.service.reckoning import lake as lakes
from courtship.service.reckoning.grouping import grouping_of
from courtship.service.reckoning.refresh import fresh, set_aside_of
from courtship.service.reckoning.standing import standing
from courtship.store.derived import people_query, persons

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class PersonStanding:
    """One person's stage. ``until`` is ``None`` where it never lapses; ``momentum`` is ``""`` where it
    cannot be told."""

    person: str
    name: str
    accounts: tuple[Address, ...]
    stage: str
    since: Micros
    until: Micros | None
    peak: str
    certain: bool = True
    momentum: str = ""


@dataclass(frozen=True, slots=True)
class Stages:
    """Everybody but those set aside, by person's id, at one moment by one ladder."""

    at: Micros
    policy: Policy
    people: tuple[PersonStanding, ...]
    set_aside: int = 0

    @property
    def ladder(self) -> tuple[str, ...]:
        """The names of the ladder's stages, lowest first."""
        return tuple(stage.name for stage in self.policy.stages)


def stages(
    workspace: Workspace,
    *,
    now: Micros,
    at: Micros | None = None,
    policy: Policy | None = None,
    engine: str = "",
    lake: str = "",
) -> Stages:
    """Where everybody stands at ``at`` (``now`` where it is left out), by ``policy`` or the one in force.

    With an ``engine`` (``engines.named``) everybody is reckoned anew by it from the ``lake`` at an address.
    """
    fresh(workspace, now=now)
    if at is None and policy is None and not engine:
        return _as_refreshed(workspace, now)
    moment, ladder = now if at is None else at, policy or standing(workspace).policy
    return _anew(workspace, moment, ladder, engine, lake)


def _as_refreshed(workspace: Workspace, now: Micros) -> Stages:
    accounts = persons.memberships(workspace)
    people = tuple(
        PersonStanding(
            one.id,
            one.name or one.handle,
            tuple(accounts.get(one.id, ())),
            one.stage,
            one.since,
            one.until,
            one.peak,
            one.certain,
            one.momentum,
        )
        for one in people_query.everybody_at(workspace)
    )
    return Stages(now, standing(workspace).policy, people, persons.set_aside_count(workspace))


def _anew(workspace: Workspace, at: Micros, policy: Policy, engine: str, address: str) -> Stages:
    # Numba is loaded here and not before: most commands never need it.
    from courtship.lifecycle.coverage import (
        Coverages,
        certain_of_many,
        covered_until_of_many,
        platform_sets,
    )
    from courtship.lifecycle.kernel import reckon_columns
    from courtship.lifecycle.momentum import MOMENTA, momentum

    grouping = grouping_of(workspace)
    aside = set_aside_of(workspace, grouping)
    audience = workspace.columns(grouping.key_of)
    if engine:
        reports = lakes.reckon_by(engine, address, workspace, audience, policy, at)
    else:
        reports = reckon_columns(audience.columns, policy, at)
    names = _names(workspace)
    covered, where = Coverages(workspace.coverage()), platform_sets(audience.columns)
    certain = certain_of_many(covered, where, reports, at)
    beats = momentum(audience.columns, at, covered_until_of_many(covered, where, otherwise=FOREVER))
    people, skipped = [], 0
    for index, earliest in enumerate(audience.earliest):
        if reports.stage[index] < 0:
            continue
        if grouping[earliest] in aside:
            skipped += 1
            continue
        until = int(reports.until[index])
        person = person_id(earliest)
        people.append(
            PersonStanding(
                person,
                names.get(person, ""),
                tuple(audience.accounts(index)),
                policy.names[reports.stage[index]],
                int(reports.since[index]),
                None if until == FOREVER else until,
                policy.names[reports.peak[index]],
                bool(certain[index]),
                MOMENTA[beats[index]] if beats[index] >= 0 else "",
            )
        )
    return Stages(at, policy, tuple(sorted(people, key=lambda one: one.person)), skipped)


def _names(workspace: Workspace) -> Mapping[str, str]:
    return {one.id: one.name or one.handle for one in people_query.everybody_at(workspace)}
