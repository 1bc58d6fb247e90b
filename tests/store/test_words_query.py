"""Search in what people said: the small log as it is, the large one by an index, with the same answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from courtship.model import Activity, Decision, Origin
from courtship.people.identity import person_id
from courtship.store import open_workspace
from courtship.store.derived import words_query
from courtship.store.workspace import Workspace

DAY = 86_400_000_000
SAID = {
    "test:ann": "Does the seeded rye keep until Monday?",
    "test:bob": "Crème brûlée, and RYE.",
    "test:eve": "خبز الجاودار",
    "test:mal": "rye\" OR said:* NEAR( --'; DROP",
    "test:sam": "I don't mind; write to sam@baker.example, or call the co-op. हिन्दी 🍞",
}


@pytest.fixture
def told(tmp_path: Path) -> Workspace:
    from courtship.service.reckoning.refresh import refresh

    workspace = open_workspace(tmp_path / "home")
    workspace.decide(Decision("brand.add", "test:me"))
    workspace.append(
        [
            Activity(str(n), "comment", account, "test:me", (n + 1) * DAY, text=text)
            for n, (account, text) in enumerate(SAID.items())
        ],
        Origin("a", "activities"),
    )
    refresh(workspace, now=100 * DAY)
    return workspace


def at_once(task: Callable[[], None]) -> None:
    task()


def who(*accounts: str) -> frozenset[str]:
    return frozenset(person_id(account) for account in accounts)


@pytest.fixture(params=["as it is", "by index"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "by index":
        monkeypatch.setattr(words_query, "AS_IT_IS", 0)
    return str(request.param)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("rye", ("test:ann", "test:bob", "test:mal")),
        ("seeded rye", ("test:ann",)),
        ("monday", ("test:ann",)),
        ("الجاودار", ("test:eve",)),
        ("rye NEAR(", ("test:mal",)),
        ("spelt", ()),
        ("don't mind", ("test:sam",)),
        ("sam@baker.example", ("test:sam",)),
        ("co-op", ("test:sam",)),
        ("हिन्दी", ("test:sam",)),
        ("", ()),
        ('"', ("test:mal",)),
    ],
)
def test_those_who_said_all_of_the_words_are_found(
    told: Workspace, way: str, words: str, found: tuple[str, ...]
) -> None:
    if words == '"' and way == "by index":
        found = ()  # a sign is no word
    assert words_query.people_who_said(told, words, at_once) == who(*found)


def test_what_was_said_since_is_found(told: Workspace, way: str) -> None:
    from courtship.service.reckoning.refresh import refresh

    assert words_query.people_who_said(told, "poppy", at_once) == frozenset()
    told.append(
        [Activity("9", "comment", "test:zoe", "test:me", 9 * DAY, text="poppy seed")],
        Origin("b", "activities"),
    )
    refresh(told, now=100 * DAY)
    assert words_query.people_who_said(told, "poppy", at_once) == who("test:zoe")


def test_what_is_forgotten_is_not_found(told: Workspace, way: str) -> None:
    from courtship.service.reckoning.refresh import refresh

    assert words_query.people_who_said(told, "monday", at_once) == who("test:ann")
    told.forget(["test:ann"], now=100 * DAY)
    refresh(told, now=100 * DAY)
    assert words_query.people_who_said(told, "monday", at_once) == frozenset()
    assert not any(b"Monday" in file.read_bytes() for file in told.cache_folder.rglob("*.db"))


def test_a_damaged_index_is_made_anew(told: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words_query, "AS_IT_IS", 0)
    told.cache_folder.mkdir(parents=True, exist_ok=True)
    (told.cache_folder / "words.db").write_bytes(b"nonsense" * 500)
    assert words_query.people_who_said(told, "monday", at_once) == who("test:ann")


def test_an_index_that_is_damaged_further_in_is_made_anew(
    told: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words_query, "AS_IT_IS", 0)
    index = told.cache_folder / "words.db"
    for place in range(0, 40_000, 2_048):
        assert words_query.people_who_said(told, "monday", at_once) == who("test:ann")
        held = bytearray(index.read_bytes())
        if place >= len(held):
            break
        held[place : place + 1_024] = b"\xff" * len(held[place : place + 1_024])
        index.write_bytes(held)
        words_query.people_who_said(told, "monday", at_once)  # whatever it finds, it is no error
        index.unlink(missing_ok=True)
