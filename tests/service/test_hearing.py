"""One event is felt at once: by whom, and kept with the cursor or not at all."""

from __future__ import annotations

import pytest

from courtship.model import DAY, Activity, Decision, Origin
from courtship.people.identity import person_id
from courtship.service.hearing import hear
from courtship.service.refresh import reckoned, refresh
from courtship.store import derived
from courtship.store.workspace import Workspace

T = 1_700_000_000_000_000
ME, ANN, BOB = "test:me", "test:ann", "test:bob"
LIVE = Origin("webhook", "test", "", T)


@pytest.fixture
def brand(workspace: Workspace) -> Workspace:
    workspace.decide(Decision("brand.add", ME))
    refresh(workspace, now=T)
    return workspace


def test_who_and_how(brand: Workspace) -> None:
    first = Activity("1", "like", ANN, ME, T + 1, actor_name="Ann")
    heard = hear(brand, [first], LIVE, now=T + 2)
    (ann,) = heard.people
    assert (ann.person, ann.name, ann.new, ann.stage) == (person_id(ANN), "Ann", True, "like")
    assert [activity for _, activity in ann.acts] == [first]
    assert [(move.before, move.after) for move in ann.moves] == [("aware", "like")]
    again = hear(brand, [first], LIVE, now=T + 3)
    assert (again.people, again.appended.known) == ((), 1)
    both = [
        Activity("2", "like", BOB, ME, T + 4),
        Activity("3", "comment", ANN, ME, T + 5),
    ]
    heard = hear(brand, both, LIVE, now=T + 6)
    assert {one.person: (one.new, len(one.moves)) for one in heard.people} == {
        person_id(ANN): (False, 0),
        person_id(BOB): (True, 1),
    }
    _, anew = reckoned(brand, T + 6, from_log=True)
    assert derived.read(brand) == anew


def test_the_cursor_goes_with_the_records(brand: Workspace) -> None:
    def fails() -> None:
        raise RuntimeError("no room for the cursor")

    position = brand.position()
    with pytest.raises(RuntimeError):
        hear(brand, [Activity("1", "like", ANN, ME, T + 1)], LIVE, now=T + 2, save=fails)
    assert brand.position() == position
    assert derived.read(brand) == {}
    kept: list[int] = []
    hear(
        brand,
        [Activity("1", "like", ANN, ME, T + 1)],
        LIVE,
        now=T + 2 + DAY,  # another day: everybody is reckoned, after what was heard is safe
        save=lambda: kept.append(brand.position()),
    )
    assert kept == [position + 1]
    assert len(derived.read(brand)) == 1
