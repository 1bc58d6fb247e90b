"""Who is whom as it is kept for other processes: what all profiles prove, whatever came in between."""

from __future__ import annotations

import itertools
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courtship.model import DAY, Activity, Decision, Origin, Profile, Record
from courtship.people.identity import Link
from courtship.service.people import identity
from courtship.service.reckoning import grouping
from courtship.service.reckoning.rebuild import rebuild
from courtship.service.reckoning.refresh import refresh
from courtship.service.reckoning.shown_words import ShownWords
from courtship.store import open_workspace
from courtship.store.derived import cues
from courtship.store.workspace import Workspace

T = 1_700_000_000_000_000
NOW = T + 30 * DAY
ME = "a:me"
FILE = Origin("f", "activities", "", T)

_names = itertools.count()
_number = st.integers(0, 4)
_account = st.builds(lambda platform, n: f"{platform}:{n}", st.sampled_from("abc"), _number)
_page = st.builds(lambda n: f"https://site{n}.example/", _number)
_profile = st.builds(
    lambda account, at, handle, url, email, links, verified: Profile(
        account, T + at, "", handle, url, email=email, links=tuple(links), verified=tuple(verified)
    ),
    _account,
    st.integers(0, 3),
    st.one_of(st.just(""), st.builds(str, _number), st.builds(lambda n: f"@{n}", _number)),
    st.one_of(st.just(""), _page),
    st.one_of(st.just(""), st.builds(lambda n: f"p{n}@mail.example", _number)),
    st.lists(_page, max_size=2),
    st.lists(_page, max_size=1),
)
_act = st.builds(lambda account, n: Activity(f"{account} {n}", "like", account, ME, T + n), _account, _number)
_decision = st.builds(lambda a, b: Decision("person.merge", a, {"other": b}, at=NOW), _account, _account)
_step = st.one_of(_profile, _act, _decision, st.just("another process"))


def _proved_anew(workspace: Workspace) -> tuple[Link, ...]:
    grouping.forget_grouping(workspace)
    with workspace.transaction():
        kept = cues.kept(workspace, grouping.SEEN)
        grouping.drop_grouping(workspace)
        found = grouping.grouping_of(workspace)
        if kept is not None:
            cues.keep(workspace, grouping.SEEN, *kept)
    grouping.forget_grouping(workspace)
    return tuple(link for links in found.links.values() for link in links)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_step, max_size=14))
def test_what_is_kept_is_brought_up_to_what_all_profiles_prove(tmp_path: Path, steps: list[object]) -> None:
    workspace = open_workspace(tmp_path, f"kept-{next(_names)}")
    workspace.decide(Decision("brand.add", ME))
    for step in steps:
        if isinstance(step, Decision):
            workspace.decide(step)
        elif isinstance(step, (Profile, Activity)):
            told: Record = step
            workspace.append([told], FILE)
        else:
            refresh(workspace, now=NOW)
            grouping.forget_grouping(workspace)
        found = grouping.grouping_of(workspace)
        links = tuple(link for links in found.links.values() for link in links)
        with workspace.transaction():
            grouping.keep_grouping(workspace)
        grouping.forget_grouping(workspace)
        assert grouping.grouping_of(workspace) == found
        assert links == _proved_anew(workspace)
    workspace.close()


def test_two_profiles_that_come_together_may_prove_each_other(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME))
    workspace.append([Activity("1", "like", "a:ann", ME, T), Activity("2", "like", "b:ann", ME, T)], FILE)
    refresh(workspace, now=NOW)
    assert len(grouping.grouping_of(workspace).members) == 0
    workspace.append(
        [
            Profile("a:ann", T, url="https://ann.example/a", links=("https://ann.example/b",)),
            Profile("b:ann", T, url="https://ann.example/b", links=("https://ann.example/a",)),
        ],
        FILE,
    )
    refresh(workspace, now=NOW)
    assert grouping.grouping_of(workspace).accounts("a:ann") == ("a:ann", "b:ann")
    assert rebuild(workspace, now=NOW).differences == 0


def test_a_new_process_reads_no_profiles(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace.decide(Decision("brand.add", ME))
    told = [Profile("a:ann", T, email="ann@ann.example"), Profile("b:ann", T, email="ann@ann.example")]
    workspace.append([Activity("1", "like", "a:ann", ME, T), Activity("2", "like", "b:ann", ME, T)], FILE)
    workspace.append(told, FILE)
    refresh(workspace, now=NOW)
    found = grouping.grouping_of(workspace)
    grouping.forget_grouping(workspace)
    monkeypatch.setattr(grouping, "_anew", None)
    assert grouping.grouping_of(workspace) == found
    assert found.accounts("b:ann") == ("a:ann", "b:ann")


def test_a_rebuild_finds_proofs_that_were_kept_otherwise(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME))
    workspace.append([Activity("1", "like", "a:ann", ME, T), Activity("2", "like", "b:ann", ME, T)], FILE)
    refresh(workspace, now=NOW)
    with workspace.transaction():
        stamp, body = cues.kept(workspace, grouping.TOLD) or ("", "")
        said = orjson.loads(body) | {"proofs": [["a:ann", "b:ann", "email", ["x", "y"]]]}
        cues.keep(workspace, grouping.TOLD, stamp, orjson.dumps(said).decode())
    assert rebuild(workspace, now=NOW).differences == 1
    assert rebuild(workspace, now=NOW).differences == 0


def test_nobody_who_was_forgotten_is_named_in_what_is_kept(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME))
    told = [Profile("a:ann", T, email="ann@ann.example"), Profile("b:ann", T, email="ann@ann.example")]
    workspace.append([Activity("1", "like", "a:ann", ME, T), Activity("2", "like", "b:ann", ME, T)], FILE)
    workspace.append(told, FILE)
    refresh(workspace, now=NOW)
    assert "ann.example" in (cues.kept(workspace, grouping.TOLD) or ("", ""))[1]
    identity.forget(workspace, "a:ann", now=NOW)
    assert "ann.example" not in (cues.kept(workspace, grouping.TOLD) or ("", ""))[1]


_word = st.sampled_from([f"word {n}" for n in range(6)])
_told = st.lists(st.tuples(st.sampled_from(["x:1", "x:2", "x:3"]), st.lists(_word, max_size=3)), max_size=6)


@given(_told, _told)
def test_words_and_whose_they_are(
    first: list[tuple[str, list[str]]], more: list[tuple[str, list[str]]]
) -> None:
    words = ShownWords.of(first)
    for account, some in more:
        words.add(account, some)
    whose: dict[str, set[str]] = {}
    for account, some in (*first, *more):
        for word in some:
            whose.setdefault(word, set()).add(account)
    for held in (words, ShownWords.from_text(words.to_text())):
        for word in (f"word {n}" for n in range(6)):
            assert (word in held) == (word in whose)
            for account in ("x:1", "x:2"):
                assert held.any_of_others(account, [word]) == bool(whose.get(word, set()) - {account})
