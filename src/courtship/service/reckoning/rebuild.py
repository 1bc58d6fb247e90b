"""Computes everything anew from the log and compares: nothing that is kept may differ."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from courtship.model import DAY, Micros
from courtship.plan.answers import KEPT_DAYS
from courtship.service.live import at_once
from courtship.service.reckoning import cueing
from courtship.service.reckoning.grouping import (
    drop_grouping,
    forget_grouping,
    grouping_of,
    keep_grouping,
)
from courtship.service.reckoning.refresh import everybody, people_columns, refresh, resting_on
from courtship.service.today import answering
from courtship.store.derived import (
    cues,
    naming,
    people_written,
    person_acts,
    replies,
    summaries,
    tables,
)

if TYPE_CHECKING:
    from courtship.columns import PeopleColumns
    from courtship.service.reckoning.person_rows import Rows
    from courtship.store.workspace import Workspace


class Rebuilt(NamedTuple):
    """``differences`` counts what was kept otherwise than computed anew; ``first`` says some of it."""

    differences: int
    people: int
    first: tuple[str, ...] = ()


def rebuild(workspace: Workspace, *, now: Micros) -> Rebuilt:
    """Brings the derived tables up to the log, computes them anew from it alone, puts right what differs.

    Compared are names, proofs, people, who is whom, changes of stage, cues, summaries, waits for answers, the
    columnar cache and the files of those with many acts. These files, and the index of words, are made anew
    afterwards.
    """
    refresh(workspace, now=now)
    proofs = _proofs_unlike(workspace)
    with workspace.transaction():
        kept_names = naming.called(workspace)
        naming.anew(workspace)
        names = naming.called(workspace)
    found = [
        f"{account}: called {kept_names.get(account)}, told {names.get(account)}"
        for account in sorted(kept_names.keys() | names.keys())
        if kept_names.get(account) != names.get(account)
    ]
    found += proofs
    kept = tables.read(workspace)
    columns, reckoned_anew = everybody(workspace, now, from_log=True)
    anew = reckoned_anew.of
    found += [
        f"{id}: kept {kept.get(id)}, computed {anew.get(id)}"
        for id in sorted(kept.keys() | anew.keys())
        if kept.get(id) != anew.get(id)
    ]
    found += [
        f"{id}: accounts or changes are kept of them, and they are nobody" for id in tables.strays(workspace)
    ]
    found += person_acts.unlike(workspace)
    found += _cues_unlike(workspace, columns, reckoned_anew, now)
    found += _summaries_unlike(workspace, now)
    found += _replies_unlike(workspace, now)
    cached = people_columns(workspace)
    if cached.position == columns.position:
        found += _unlike(cached, columns)
    workspace.drop_cache()
    with workspace.transaction():
        people_written.write(workspace, anew)
        keep_grouping(workspace)
        tables.set_refreshed(workspace, columns.position, now, resting_on(workspace))
    workspace.columns()
    return Rebuilt(len(found), len(anew), tuple(islice(found, 20)))


def _proofs_unlike(workspace: Workspace) -> list[str]:
    """Finds who is whom anew, from all profiles; answers whose groups differ from those kept."""
    forget_grouping(workspace)
    kept = grouping_of(workspace)
    drop_grouping(workspace)
    anew = grouping_of(workspace)
    return [
        f"{key}: kept {kept.links.get(key)}, proved {anew.links.get(key)}"
        for key in sorted(kept.links.keys() | anew.links.keys())
        if kept.links.get(key) != anew.links.get(key)
    ]


def _summaries_unlike(workspace: Workspace, now: Micros) -> list[str]:
    """Sums up anew everybody of whom a summary is kept; those that differ are removed, to be made again."""
    kept = summaries.everything(workspace)
    on = at_once.basis(workspace, summaries.state(workspace))
    unlike = [id for id, one in kept.items() if not at_once.says_the_same(workspace, id, one, on, now)]
    with workspace.transaction():
        summaries.drop(workspace, unlike)
    return [f"{id}: the summary kept is not that of their acts" for id in unlike]


def _cues_unlike(workspace: Workspace, columns: PeopleColumns, anew: Rows, now: Micros) -> list[str]:
    """Finds everybody's cues anew and writes them; answers what differs from those kept."""
    kept = {_lasting(cue) for cue in cues.everything(workspace)}
    aside = {person for person, told in anew.of.items() if told.row[tables.SET_ASIDE]}
    cueing.refresh_cues(workspace, columns, anew.ids, anew.reports, now, leave_out=aside)
    computed = {_lasting(cue) for cue in cues.everything(workspace)}
    return [f"{cue.person}: kept the cue {cue}" for cue in sorted(kept - computed)] + [
        f"{cue.person}: computed the cue {cue}" for cue in sorted(computed - kept)
    ]


def _replies_unlike(workspace: Workspace, now: Micros) -> list[str]:
    """What was said and how long its answer took, found anew and written; answers what differs."""
    answering.ensure(workspace, now)
    kept, position = set(replies.everything(workspace)), tables.refreshed(workspace).position
    anew = list(answering.anew(workspace, now, from_log=True))
    replies.replace(workspace, anew, None, scheme=answering.SCHEME, position=position)
    oldest = (
        now // DAY - KEPT_DAYS
    ) * DAY  # what has grown older is left where it is until the person changes
    differing = kept ^ set(anew)
    return [f"{one.person}: the wait {one} differs" for one in sorted(differing) if one.at >= oldest]


def _lasting(cue: cues.Cue) -> cues.Cue:
    """The cue without how far a step is taken: that ages by the hour, and is found anew every day."""
    return cue._replace(amount=0) if cue.sort == "lack" else cue


def _unlike(cached: PeopleColumns, computed: PeopleColumns) -> list[str]:
    import numpy as np

    unlike = []
    if list(cached.addresses) != list(computed.addresses) or list(cached.earliest) != list(computed.earliest):
        unlike.append("the cache has other accounts")
    names = ("start", "at", "ended", "kind", "outbound", "precise", "platform")
    unlike += [
        f"the cache's column {name} differs"
        for name in names
        if not np.array_equal(getattr(cached.columns, name), getattr(computed.columns, name))
    ]
    unlike += [
        f"the cache's column {name} differs"
        for name in ("account", "record")
        if not np.array_equal(getattr(cached, name), getattr(computed, name))
    ]
    rows = np.arange(len(computed.columns.at))
    if len(cached.columns.at) == len(rows) and cached.ids(rows) != computed.ids(rows):
        unlike.append("the cache's ids differ")
    return unlike
