"""The log: what is told is kept once, whatever the order, and read back in force."""

from __future__ import annotations

import pyarrow as pa
import pytest

from courtship.errors import NotAllowed, UnknownWorkspace
from courtship.model import (
    Activity,
    Coverage,
    Decision,
    Origin,
    Post,
    Problem,
    Profile,
    Record,
    Snapshot,
    Total,
    Undo,
)
from courtship.store import list_workspaces, open_workspace
from courtship.store.log import append_table
from courtship.store.log.keys import activity_key
from courtship.store.workspace import Workspace

T = 1_700_000_000_000_000
SECOND = 1_000_000
ME, ANN, BOB = "test:me", "test:ann", "test:bob"
FILE = Origin("export.jsonl", "activities", "", T)


def told() -> list[Record]:
    return [
        Activity("1", "follow", ANN, ME, T, public=True, actor_name="Ann", actor_followers=12),
        Activity(
            "2", "comment", ANN, ME, T + SECOND, object="c1", in_reply_to="p1", text="Grüße 🌱", url="u"
        ),
        Activity("", "like", BOB, ME, T + 2 * SECOND, precise=False),
        Activity("", "like", BOB, ME, T + 2 * SECOND, precise=False),
        Undo("9", "1", T + 5 * SECOND),
        Post("p1", ME, T, "Hello", "image", "", ("garden",), ("yes", "no"), "https://x", True),
        Total("p1", "like", 214, T),
        Profile(ANN, T, "Ann", "ann", links=("https://ann.example",), verified=("https://ann.example",)),
        Snapshot(ME, "follow", "inbound", (ANN, BOB), T),
        Coverage(ME, "follow", "inbound", "full", None, T),
    ]


def test_what_is_told_is_read_back(workspace: Workspace) -> None:
    done = workspace.append(told(), FILE)
    assert (done.read, done.new, done.known, done.other, done.problems) == (4, 4, 0, 6, ())
    assert workspace.position() == 10
    follow, comment = workspace.activities_of([ANN])
    assert (follow.id, follow.at, follow.ended) == ("1", T, T + 5 * SECOND)
    assert (follow.public, follow.actor_name, follow.actor_followers) == (True, "Ann", 12)
    assert (comment.text, comment.object, comment.in_reply_to, comment.url) == ("Grüße 🌱", "c1", "p1", "u")
    assert comment.origins == (FILE,)
    likes = workspace.activities_of([BOB])
    assert len({like.id for like in likes}) == 2
    assert not any(like.precise for like in likes)
    assert len(workspace.activities_of([ME])) == 4
    assert workspace.posts() == [told()[5]]
    assert workspace.totals() == [told()[6]]
    assert workspace.profiles([ANN]) == [told()[7]]
    assert workspace.profiles([BOB]) == []
    assert workspace.snapshots() == [told()[8]]
    assert workspace.coverage() == [told()[9]]
    assert workspace.origins() == [FILE]


def test_told_twice_is_known(workspace: Workspace) -> None:
    workspace.append(told(), FILE)
    before = workspace.checksum()
    again = workspace.append(reversed(told()), FILE)
    assert (again.read, again.new, again.known, again.other) == (4, 0, 4, 0)
    assert workspace.checksum() == before
    assert workspace.position() == 10


def test_other_content_is_a_problem_and_the_least_is_in_force(workspace: Workspace) -> None:
    late = Activity("1", "like", ANN, ME, T + SECOND)
    early = Activity("1", "like", ANN, ME, T, ended=T + 9 * SECOND)
    workspace.append([late], FILE)
    done = workspace.append([early], FILE)
    assert (done.new, done.known) == (0, 1)
    (problem,) = done.problems
    assert "another time" in problem.reason
    assert workspace.problems() == [problem]
    assert workspace.append([early, late], FILE).problems == ()
    (like,) = workspace.activities_of([ANN])
    assert (like.at, like.ended) == (T, T + 9 * SECOND)


def test_variant_that_moves_to_another_account(workspace: Workspace) -> None:
    workspace.append([Activity("1", "like", BOB, ME, T)], FILE)
    workspace.append([Activity("1", "like", ANN, ME, T)], FILE)
    assert workspace.activities_of([BOB]) == []
    (like,) = workspace.activities_of([ANN])
    assert like.actor == ANN


def test_undo_before_what_it_undoes(workspace: Workspace) -> None:
    workspace.append([Undo("9", "1", T + SECOND), Undo("8", "1", T + 3 * SECOND)], FILE)
    workspace.append([Activity("1", "follow", ANN, ME, T)], FILE)
    (follow,) = workspace.activities_of([ANN])
    assert follow.ended == T + SECOND


def test_undo_before_the_beginning_ends_it_there(workspace: Workspace) -> None:
    workspace.append([Activity("1", "follow", ANN, ME, T), Undo("9", "1", T - SECOND)], FILE)
    (follow,) = workspace.activities_of([ANN])
    assert follow.ended == T


def test_undo_of_an_id_on_two_platforms_ends_none(workspace: Workspace) -> None:
    there = "other:ann"
    workspace.append([Activity("1", "follow", ANN, ME, T), Activity("1", "follow", there, ME, T)], FILE)
    done = workspace.append([Undo("9", "1", T + SECOND)], FILE)
    assert [problem.where for problem in done.problems] == ["undo 9"]
    assert [a.ended for a in workspace.activities_of([ANN, there])] == [None, None]
    workspace.append([Undo("10", "1", T + SECOND, platform="other")], FILE)
    assert [a.ended for a in workspace.activities_of([ANN])] == [None]
    assert [a.ended for a in workspace.activities_of([there])] == [T + SECOND]


def test_namespaces_keep_ids_apart(workspace: Workspace) -> None:
    workspace.append([Activity("1", "like", ANN, ME, T)], FILE)
    done = workspace.append(
        [Activity("1", "share", ANN, ME, T), Undo("9", "1", T)], FILE._replace(source="b")
    )
    assert (done.new, done.problems) == (1, ())
    assert {(a.kind, a.ended) for a in workspace.activities_of([ANN])} == {("like", None), ("share", T)}


def test_deleted_words_are_gone_whichever_came_first(workspace: Workspace) -> None:
    first = Activity("1", "comment", ANN, ME, T, text="sorry")
    second = Activity("2", "comment", ANN, ME, T, text="this too")
    workspace.append([first], FILE)
    workspace.append([Undo("8", "1", T + SECOND, blank=True), Undo("9", "2", T + SECOND, blank=True)], FILE)
    workspace.append([first, second], FILE)
    found = workspace.activities_of([ANN])
    assert [(a.text, a.ended) for a in found] == [(None, T + SECOND)] * 2


def test_denied_never_was(workspace: Workspace) -> None:
    workspace.append([Activity("1", "like", ANN, ME, T)], FILE)
    (denial,) = workspace.decide(Decision("activity.deny", "1", at=T))
    assert workspace.activities_of([ANN]) == []
    workspace.decide(Decision("undo", "", {"position": denial.position}, at=T))
    assert len(workspace.activities_of([ANN])) == 1


def test_one_act_told_by_two_formats_counts_once(workspace: Workspace) -> None:
    api = Origin("api", "mastodon-api", "", T)
    workspace.append([Activity("e1", "like", ANN, ME, T, object="p1")], FILE)
    workspace.append([Activity("a1", "like", ANN, ME, T + 60 * SECOND, object="p1")], api)
    workspace.append([Activity("a2", "like", ANN, ME, T + 3600 * SECOND, object="p1")], api)
    found = workspace.activities_of([ANN])
    assert [len(a.origins) for a in found] == [2, 1]


def test_one_format_tells_of_two_acts(workspace: Workspace) -> None:
    both = [Activity(id, "comment", ANN, ME, T, object="p1") for id in ("1", "2")]
    workspace.append(both, FILE)
    assert len(workspace.activities_of([ANN])) == 2
    workspace.append(both, Origin("other", "other", "", T))  # the same two records, told again
    assert len(workspace.activities_of([ANN])) == 2


def test_bad_records_are_problems(workspace: Workspace) -> None:
    done = workspace.append(
        [
            Activity("1", "poke", ANN, ME, T),
            Activity("2", "like", "", "", T),
            Activity("3", "like", ANN, ME, T, text="\ud800"),
            Activity("4", "like", ANN, ME, T, text="a\0b"),
            Problem("export.jsonl", "line 9", "no time"),
        ],
        FILE,
    )
    assert (done.read, done.new, len(done.problems)) == (4, 1, 4)
    assert [a.text for a in workspace.activities_of([ANN])] == ["ab"]


def test_very_long_names(workspace: Workspace) -> None:
    long = "https://example.org/?" + "".join(chr(0x4E00 + n) for n in range(3_000))
    share = Activity(long, "share", ANN, ME, T, object=long, in_reply_to=long)
    workspace.append([share, Undo(long, long, T + SECOND), Total(long, "like", 3, T)], FILE)
    again = workspace.append_table([pa.RecordBatch.from_pylist([share._asdict()])], FILE)
    assert (again.new, again.known) == (0, 1)
    (found,) = workspace.activities_of([ANN])
    assert found.ended == T + SECOND
    assert found.object == found.id
    assert len(found.id) < 600
    assert workspace.totals()[0].object == long


def test_decisions_and_their_undoing(workspace: Workspace) -> None:
    made = workspace.decide(Decision("brand.add", ME, at=T), Decision("brand.add", "x:me", at=T, by="eva"))
    assert [d.position for d in made] == [1, 2]
    assert workspace.brand() == {ME, "x:me"}
    (undo,) = workspace.decide(Decision("undo", "", {"position": 2}, at=T))
    assert workspace.brand() == {ME}
    workspace.decide(Decision("undo", "", {"position": undo.position}, at=T))
    assert workspace.decisions("brand.add") == made
    assert len(workspace.decisions(include_undone=True)) == 4
    with pytest.raises(NotAllowed, match=r"brand\.sell"):
        workspace.decide(Decision("brand.sell", ME))


def test_workspaces_are_apart(workspace: Workspace) -> None:
    other = open_workspace(workspace.home, "client-b")
    other.append([Activity("1", "like", ANN, ME, T)], FILE)
    assert workspace.position() == 0
    assert open_workspace(workspace.home, "client-b").position() == 1
    assert list_workspaces(workspace.home) == ["client-b", "default"]
    with pytest.raises(UnknownWorkspace, match="client-b, default"):
        open_workspace(workspace.home, "client-c", create=False)
    with pytest.raises(NotAllowed):
        open_workspace(workspace.home, "../outside")


def test_models_need_a_chosen_workspace(workspace: Workspace) -> None:
    from courtship.store.models import Record as RecordModel

    workspace.append([Activity("1", "like", ANN, ME, T)], FILE)
    with pytest.raises(UnknownWorkspace, match="no workspace was chosen"):
        RecordModel.objects.count()
    with workspace.chosen():
        assert RecordModel.objects.get().activity == "1"


def test_importing_the_store_loads_no_django() -> None:
    import subprocess
    import sys

    code = "import sys, courtship.store; sys.exit('django' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def many(number: int) -> list[Activity]:
    """Activities of which some have what others lack."""
    return [
        Activity(
            f"a{i}",
            ("like", "comment", "share")[i % 3],
            (ANN, BOB)[i % 2],
            ME,
            T + i * SECOND,
            ended=T + 2 * i * SECOND if i % 7 == 0 else None,
            precise=i % 5 > 0,
            object=f"p{i % 4}" if i % 3 else None,
            text=f"🌱 {i}" if i % 3 == 1 else None,
            public=(None, True, False)[i % 4 % 3],
            actor_followers=i if i % 2 else None,
        )
        for i in range(number)
    ]


@pytest.mark.parametrize("way", ["records", "table"])
def test_many_rows_with_gaps_are_read_back(workspace: Workspace, way: str) -> None:
    records = many(150)
    if way == "records":
        done = workspace.append(records, FILE)
    else:
        done = workspace.append_table([pa.RecordBatch.from_pylist([one._asdict() for one in records])], FILE)
    assert (done.read, done.new, done.problems) == (150, 150, ())
    held = {one.id: one for one in workspace.activities_of([ANN, BOB])}
    for record in records:
        found = held[record.id]
        assert {name: getattr(found, name) for name in Activity._fields} == record._asdict()


def test_a_batch_that_overlaps_where_nobody_looked(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(append_table, "SOME", 10)
    records = many(200)
    in_order = sorted(records, key=lambda one: activity_key("test", "", one.id))
    same, other = in_order[-1], in_order[-2]
    workspace.append([same, other._replace(actor=BOB if other.actor == ANN else ANN)], FILE)
    table = pa.RecordBatch.from_pylist([one._asdict() for one in records])
    done = workspace.append_table([table], FILE)
    assert (done.read, done.new, done.known) == (200, 198, 2)
    assert [problem.where for problem in done.problems] == [f"id {other.id}"]
    assert workspace.position() == 201  # both of what was told otherwise are kept
    once = workspace.checksum()
    assert workspace.append_table([table], FILE).known == 200
    assert workspace.checksum() == once
