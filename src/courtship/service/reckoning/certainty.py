"""How certain everybody's stage is and their momentum, told anew where sources turn out to show more or less.

Nothing else that is kept of people rests on what can be seen: not their stages, not their cues. So a change
of coverage that matters is noted with whatever came with it, which need not wait for it; who brings the
tables up next tells everybody's certainty and momentum anew, and writes the rows that differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from courtship.lifecycle import coverage
from courtship.model import FOREVER, Micros
from courtship.people.identity import person_id
from courtship.service.coverage.covering import coverage_of
from courtship.service.reckoning.grouping import grouping_of
from courtship.service.reckoning.standing import standing
from courtship.store.derived import cues, tables

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

_PENDING = "certainty"
"""Under this name it is kept that everybody's certainty is to be told anew."""


def note(workspace: Workspace) -> None:
    """Notes that everybody's certainty is to be told anew. Within a transaction."""
    cues.keep(workspace, _PENDING, "pending")


def done(workspace: Workspace) -> None:
    """Notes that it is told. Within the transaction that wrote it."""
    if is_pending(workspace):
        cues.keep(workspace, _PENDING, "")


def is_pending(workspace: Workspace) -> bool:
    """Whether everybody's certainty is to be told anew."""
    kept = cues.kept(workspace, _PENDING)
    return kept is not None and kept[0] != ""


def tell_anew(workspace: Workspace, now: Micros) -> int | None:
    """Tells it of everybody and answers how many rows changed; ``None``, and nothing done, where the tables
    do not say what the log does otherwise, or others write them meanwhile."""
    from courtship.lifecycle.kernel import reckon_columns
    from courtship.lifecycle.momentum import MOMENTA, momentum

    stood = tables.refreshed(workspace)
    people = workspace.columns(grouping_of(workspace).key_of)
    if people.position != stood.position:
        return None
    columns = people.columns
    seen, on = coverage.Coverages(coverage_of(workspace)), coverage.platform_sets(columns)
    reports = reckon_columns(columns, standing(workspace).policy, now)
    certain = coverage.certain_of_many(seen, on, reports, now).tolist()
    moods = momentum(columns, now, coverage.covered_until_of_many(seen, on, otherwise=FOREVER)).tolist()
    told = {
        person_id(address): (int(certain[i]), MOMENTA[moods[i]] if moods[i] >= 0 else "")
        for i, address in enumerate(people.earliest)
        if reports.stage[i] >= 0
    }
    held = tables.certainties(workspace)
    if held.keys() != told.keys():
        return None
    changed = {id: one for id, one in told.items() if held[id] != one}
    with workspace.transaction():
        if tables.refreshed(workspace) != stood:
            return None
        tables.set_certainties(workspace, changed)
        if changed:
            cues.people_changed(workspace, changed, by_clock=True)
        done(workspace)
    return len(changed)
