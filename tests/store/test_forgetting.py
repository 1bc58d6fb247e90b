"""Forgetting: nothing of the person is left in any file, and they do not come back."""

from __future__ import annotations

from pathlib import Path

from courtship.model import DAY, Activity, Decision, Origin, Profile, Record, Snapshot, Undo
from courtship.people.identity import person_id
from courtship.service.reckoning.refresh import refresh
from courtship.store.derived import tables
from courtship.store.workspace import Workspace

T = 1_700_000_000_000_000
ME, ANN, BOB = "test:me", "test:ann-of-the-lake", "test:bob"
FILE = Origin("f", "activities", "", T)
TOLD: list[Record] = [
    Activity("1", "comment", ANN, ME, T, text="a secret of hers", actor_name="Ann Lake"),
    Activity("2", "comment", ME, ANN, T + 1, text="a word to her"),
    Activity("3", "like", BOB, ME, T),
    Undo("9", "1", T + DAY, "test"),
    Profile(ANN, T, "Ann Lake", bio="she rows"),
    Snapshot(ME, "follow", "inbound", (ANN, BOB), T, True, ("follower:ann", "follower:bob"), (T - 2, T - 1)),
]


def test_forgotten_is_gone_and_stays_gone(workspace: Workspace) -> None:
    workspace.decide(
        Decision("brand.add", ME),
        Decision("note.add", ANN, {"text": "she told me a thing"}),
        Decision("tag.add", person_id(ANN), {"tag": "rower"}),
        Decision("note.add", BOB, {"text": f"a friend of {ANN}"}),
    )
    workspace.append(TOLD, FILE)
    workspace.append([Activity("1", "comment", ANN, ME, T + 5, text="a secret of hers, again")], FILE)
    refresh(workspace, now=T + DAY)
    workspace.forget([ANN], now=T + DAY, also=[person_id(ANN)])
    refresh(workspace, now=T + DAY)
    assert workspace.activities_of([ANN]) == []
    assert [act.actor for act in workspace.activities_of([ME])] == [BOB]
    assert workspace.profiles([ANN]) == []
    listed = workspace.snapshots()[0]
    assert (listed.members, listed.acts, listed.dates) == ((BOB,), ("follower:bob",), (T - 1,))
    assert list(tables.memberships(workspace)) == [BOB]
    assert [one.verb for one in workspace.decisions()][-1] == "person.forget"
    again = workspace.append(TOLD, FILE)
    assert (again.read, again.new, again.known, again.forgotten) == (3, 0, 1, 3)
    assert workspace.activities_of([ANN]) == []
    assert workspace.profiles([ANN]) == []
    leftover = workspace.append([Snapshot(ME, "follow", "inbound", (ANN,), T + 1, True, ("a",), (T,))], FILE)
    assert leftover.other == 1
    assert workspace.snapshots()[1][3:] == ((), T + 1, True, (), ())


def test_no_file_holds_their_words(workspace: Workspace, database: str) -> None:
    workspace.decide(Decision("brand.add", ME), Decision("note.add", ANN, {"text": "she told me a thing"}))
    workspace.append(TOLD, FILE)
    refresh(workspace, now=T + DAY)
    workspace.forget([ANN], now=T + DAY, also=[person_id(ANN)])
    workspace.close()
    if database == "postgres":
        with workspace.connection.cursor() as cursor:
            for table in ("record", "fact", "decided", "account", "naming", "person", "membership"):
                cursor.execute(f"SELECT count(*) FROM store_{table} AS t WHERE t::text LIKE '%ann-of%'")
                assert cursor.fetchone()[0] == 0
        return
    held = [path for path in Path(workspace.home).rglob("*") if path.is_file()]
    assert held
    for path in held:
        content = path.read_bytes()
        for word in (b"ann-of-the-lake", b"Ann Lake", b"secret of hers", b"word to her", b"told me a thing"):
            assert word not in content, path
