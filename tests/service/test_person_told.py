"""One person's page told from arrays says what the plain way says, whatever has come in whatever order."""

from __future__ import annotations

import itertools
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from courtship.model import DAY, Activity, Coverage, Decision, Origin, Post, Record, Undo
from courtship.people.identity import person_id
from courtship.service.importing import jobs
from courtship.service.people import identity, person_page, person_told
from courtship.service.reckoning.rebuild import rebuild
from courtship.service.reckoning.refresh import refresh
from courtship.store import open_workspace
from courtship.store.derived import person_acts
from courtship.store.workspace import Workspace
from courtship.vocabulary import KINDS, Direction

T = 1_700_000_000_000_000
HOUR = 3_600_000_000
ME, ALSO_ME, ANN, ANN_B = "test:me", "b:me", "test:ann", "b:ann"
FILE, OTHER = Origin("f", "activities", "", T), Origin("g", "activitystreams", "", T)
NOW = T + 500 * DAY
_names = itertools.count()

act = st.builds(
    lambda number, kind, mine, theirs, outbound, at, ended, precise, about, answers, public, seen: Activity(
        f"{number}",
        kind,
        *((mine, theirs) if outbound else (theirs, mine)),
        T + at * HOUR,
        None if ended is None else T + (at + ended) * HOUR,
        precise,
        about,
        answers,
        public=public,
        text=f"said {number}",
        actor_name="" if number % 3 else f"Name {number}",
        target_name=None if number % 2 else f"Called {number}",
        actor_followers=seen,
    ),
    st.integers(0, 40),
    st.sampled_from(KINDS),
    st.sampled_from([ME, ALSO_ME]),
    st.sampled_from([ANN, ANN_B]),
    st.booleans(),
    st.integers(0, 600) | st.integers(0, 490 * 24),
    st.none() | st.integers(0, 100),
    st.booleans() | st.just(True),
    st.none() | st.sampled_from(["", "1", "2", "3", "p"]),
    st.none() | st.sampled_from(["1", "2", "3", "4", "p"]),
    st.none() | st.booleans(),
    st.none() | st.integers(0, 9),
)
undo = st.builds(
    lambda number, undoes, at, platform: Undo(f"u{number}", f"{undoes}", T + at * HOUR, platform),
    st.integers(0, 9),
    st.integers(0, 40),
    st.integers(0, 600),
    st.sampled_from(["", "test", "b"]),
)
batch = st.tuples(st.lists(act | undo, max_size=25), st.sampled_from([FILE, FILE, FILE, OTHER]))


def whole(found: person_told.Gathered) -> dict[str, Any]:
    """Everything that is told, in a form that can be compared."""
    told = {field.name: getattr(found, field.name) for field in fields(found)}
    drawn = told.pop("drawn")
    return told | {name: getattr(drawn, name).tolist() for name in ("at", "kind", "outbound", "public")}


def both(workspace: Workspace, now: int) -> bool:
    """Compares the two ways of telling the person; false where only the plain way can."""
    someone = identity.resolve(workspace, ANN if ANN in workspace.accounts() else ANN_B)
    acts = person_acts.read(workspace, someone.accounts, make=True)
    if acts is None:
        return False
    plainly = person_page._plainly(workspace, someone.person, now)
    assert whole(person_told.gather(workspace, someone, acts, now)) == whole(plainly)
    return True


def begin(workspace: Workspace) -> Workspace:
    workspace.decide(Decision("brand.add", ME), Decision("brand.add", ALSO_ME))
    ways: tuple[Direction, ...] = ("inbound", "outbound")
    seen: list[Record] = [
        Coverage("test:*", kind, way, "full", None, T + 300 * DAY) for kind in KINDS for way in ways
    ]
    workspace.append([*seen, Post("p", ME, T, "A post")], FILE)
    return workspace


@pytest.mark.parametrize("kept", [0, 3_000])
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(batches=st.lists(batch, min_size=1, max_size=4), merged=st.booleans(), days=st.integers(0, 500))
def test_from_arrays_and_one_by_one_alike(
    kept: int,
    batches: list[tuple[list[Activity | Undo], Origin]],
    merged: bool,
    days: int,
    database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    before = person_acts.KEPT
    person_acts.KEPT = kept
    try:
        workspace = begin(open_workspace(tmp_path_factory.mktemp("home"), f"p{next(_names)}"))
        workspace.append(
            [Activity("first", "like", ANN, ME, T), Activity("second", "like", ANN_B, ME, T)], FILE
        )
        refresh(workspace, now=NOW)
        if merged:
            identity.merge(workspace, ANN, ANN_B, now=NOW)
        both(workspace, NOW)
        number, alike = 0, 0
        for records, origin in batches:
            told = []
            for one in records:
                # an id told twice is for the plain way: mostly each has its own
                if isinstance(one, Activity) and one.id != "0":
                    one = one._replace(id=str(number := number + 1))
                told.append(one)
            workspace.append(told, origin)
            refresh(workspace, now=NOW)
            alike += both(workspace, NOW)
            both(workspace, T + days * DAY)
        event(f"from arrays {alike} of {len(batches)}")
        person_acts._held.clear()
        both(workspace, NOW)
    finally:
        person_acts.KEPT = before


def many(workspace: Workspace, number: int) -> None:
    kinds = [kind for kind in KINDS if kind != "block"]
    workspace.append(
        [
            Activity(
                f"m{n}",
                kinds[n % len(kinds)],
                *((ME, ANN) if n % 3 else (ANN, ME)),
                T + n * HOUR,
                object=f"o{n}",
            )
            for n in range(number)
        ],
        FILE,
    )
    refresh(workspace, now=NOW)


def test_what_came_since_is_read_alone(workspace: Workspace) -> None:
    begin(workspace)
    many(workspace, 3_500)
    page = person_page.page
    with pytest.raises(person_page.NotYet):
        page(workspace, ANN, now=NOW)
    assert jobs.wait(60)
    first = page(workspace, ANN, now=NOW)
    assert first.acts == 3_500
    assert page(workspace, ANN, now=NOW + 1).drawn is first.drawn
    person_acts._held.clear()
    workspace.append([Activity("new", "share", ANN, ME, NOW - HOUR, text="Look at this")], FILE)
    refresh(workspace, now=NOW)
    second = page(workspace, ANN, now=NOW)  # from the file, and what the log has after it
    assert second.acts == 3_501
    assert second.last == NOW - HOUR
    assert both(workspace, NOW)
    shown = person_page.acts(workspace, ANN, now=NOW, page=1)
    assert (shown.total, len(shown.acts), shown.acts[0].text) == (3_501, 100, "Look at this")
    last = person_page.acts(workspace, ANN, now=NOW, page=99)
    assert (last.page, len(last.acts), last.acts[-1].id) == (36, 1, "m0")


def test_what_was_not_so_is_told_plainly(workspace: Workspace) -> None:
    begin(workspace)
    many(workspace, 300)
    assert both(workspace, NOW)
    person_page.deny(workspace, ANN, "m7", now=NOW)
    assert not both(workspace, NOW)
    assert person_page.page(workspace, ANN, now=NOW).acts == 299
    assert person_page.acts(workspace, ANN, now=NOW, page=1).total == 299


def test_nothing_is_left_of_who_is_forgotten(workspace: Workspace) -> None:
    begin(workspace)
    many(workspace, 3_100)
    person_acts.read(workspace, [ANN], make=True)
    assert list(workspace.cache_folder.glob("acts-*.arrow"))
    identity.forget(workspace, person_id(ANN), now=NOW)
    assert not list(workspace.cache_folder.glob("acts-*.arrow"))


def test_a_rebuild_compares_the_files_of_those_with_many_acts(workspace: Workspace) -> None:
    begin(workspace)
    many(workspace, 3_100)
    person_acts.read(workspace, [ANN], make=True)
    assert rebuild(workspace, now=NOW).first == ()
    person_acts._held.clear()
    person_acts.read(workspace, [ANN], make=True)
    (place,) = workspace.cache_folder.glob("acts-*.arrow")
    kept = person_acts._load(place)
    assert kept is not None
    kept.columns["kind"] = np.roll(kept.columns["kind"], 1)
    person_acts._save(kept, place)
    person_acts._held.clear()
    found = rebuild(workspace, now=NOW)
    assert found.differences == 1
    assert "acts kept of account" in found.first[0]
    assert both(workspace, NOW)
    assert rebuild(workspace, now=NOW).first == ()


def test_a_rebuild_finds_what_is_kept_of_nobody(workspace: Workspace) -> None:
    begin(workspace)
    many(workspace, 30)
    refresh(workspace, now=NOW)
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute("INSERT INTO store_membership (account, person) VALUES ('x:nobody', 'x:nobody')")
        cursor.execute("UPDATE store_transition SET person = 'x:other' WHERE id = 1")
    found = rebuild(workspace, now=NOW)
    assert sum("nobody" in one for one in found.first) >= 2
    assert rebuild(workspace, now=NOW).first == ()
    with workspace.connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM store_membership WHERE account = 'x:nobody'")
        assert cursor.fetchone()[0] == 0
