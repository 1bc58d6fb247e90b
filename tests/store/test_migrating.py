"""A workspace of an older schema is brought up to this one when it is opened, with what it holds."""

from __future__ import annotations

from pathlib import Path

from django.core.management import call_command

from courtship.model import Activity, Decision, Origin
from courtship.service.live.hearing import hear
from courtship.service.reckoning.rebuild import rebuild
from courtship.service.reckoning.refresh import refresh
from courtship.store import open_workspace
from courtship.store.derived import cues, tables
from courtship.store.opening import SCHEMA

T = 1_700_000_000_000_000
ME, ANN = "test:me", "test:ann"
LIVE = Origin("webhook", "test", "", T)


def test_the_word_that_people_have_changed_moves_to_the_state(database: str, tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path / "home")
    workspace.decide(Decision("brand.add", ME))
    refresh(workspace, now=T)
    hear(workspace, [Activity("1", "like", ANN, ME, T + 1)], LIVE, now=T + 1)
    before = tables.read(workspace)
    call_command("migrate", "store", "0008_fewer_indexes", database=workspace.alias, verbosity=0)
    with workspace.connection.cursor() as cursor:
        cursor.execute("UPDATE store_state SET schema = '0008_fewer_indexes'")
        cursor.execute("INSERT INTO store_kept (name, stamp, body) VALUES ('people', 'word', 'hour')")
    workspace.close()

    workspace = open_workspace(tmp_path / "home", create=False)
    with workspace.connection.cursor() as cursor:
        cursor.execute("SELECT schema FROM store_state")
        assert cursor.fetchone() == (SCHEMA,)
    assert (cues.people_stamp(workspace), cues.people_clock(workspace)) == ("word", "hour")
    assert cues.kept(workspace, "people") is None
    assert tables.read(workspace) == before
    hear(workspace, [Activity("2", "comment", ANN, ME, T + 2)], LIVE, now=T + 2)
    assert "word" not in (cues.people_stamp(workspace), cues.people_clock(workspace))
    assert rebuild(workspace, now=T + 2).first == ()
    workspace.close()


def test_the_words_are_renewed_by_an_act_and_by_the_clock(database: str, tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path / "home")
    workspace.decide(Decision("brand.add", ME))
    refresh(workspace, now=T)
    seen = {("", "")}
    for number in range(1, 4):
        hear(workspace, [Activity(str(number), "like", ANN, ME, T + number)], LIVE, now=T + number)
        words = (cues.people_stamp(workspace), cues.people_clock(workspace))
        assert not {word for pair in seen for word in pair} & set(words)
        seen.add(words)
    # told again: nobody changes, nor do the words
    hear(workspace, [Activity("1", "like", ANN, ME, T + 1)], LIVE, now=T + 4)
    assert (cues.people_stamp(workspace), cues.people_clock(workspace)) == words
    cues.people_changed(workspace, [], by_clock=True)
    assert cues.people_stamp(workspace) == words[0]
    assert cues.people_clock(workspace) not in words
    workspace.close()
