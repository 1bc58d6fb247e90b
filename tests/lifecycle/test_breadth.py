"""How broad a relationship is and how long somebody watched."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from courtship.lifecycle.breadth import Breadth, breadth
from courtship.model import DAY, Activity

BRAND = {"x:me", "m:me"}


def act(day: float, kind: str, **more: object) -> Activity:
    base = Activity(f"{day}{kind}", kind, "x:ann", "x:me", int(day * DAY))
    return base._replace(**more)  # type: ignore[arg-type]


def test_the_whole_of_it() -> None:
    acts = [
        act(40, "share", public=True, actor_followers=900),
        act(0, "like", actor="x:me", target="x:ann"),
        act(1, "follow"),
        act(11, "like"),
        act(31, "comment", public=False),
        act(31.9, "comment", public=True, actor_followers=100),
        act(35, "mention", actor="m:ann@b", target="m:me"),
        act(36, "comment", precise=False, public=True),
        act(37, "comment", ended=38 * DAY, public=True, actor_followers=9999),
        act(90, "endorse", public=True),
        act(2, "comment", actor="x:bob", target="x:ann"),
        act(2, "comment", actor="m:me", target="x:me"),
    ]
    assert breadth(acts, BRAND, 50 * DAY) == Breadth(
        kinds={"comment": 3, "like": 1, "mention": 1, "share": 1},
        platforms={"x": 5, "m": 1},
        days=4,
        public=3,
        private=1,
        unsaid=1,
        audience=900,
        tenure=50 * DAY,
        before_like=10 * DAY,
        before_word=30 * DAY,
        at_least=False,
    )


def test_days_are_those_of_the_zone() -> None:
    acts = [act(1.01, "like"), act(0.99, "like")]
    found = breadth(acts, BRAND, 9 * DAY), breadth(acts, BRAND, 9 * DAY, ZoneInfo("Europe/Berlin"))
    assert [each.days for each in found if each] == [2, 1]


def test_an_undated_beginning_is_a_lower_bound() -> None:
    found = breadth([act(5, "follow", precise=False), act(8, "comment", public=True)], BRAND, 9 * DAY)
    assert found is not None
    assert (found.before_word, found.before_like, found.at_least) == (3 * DAY, None, True)
    assert found.public_per_cent == 100
    assert found.audience is None


def test_before_they_meet_there_is_nothing_to_say() -> None:
    assert breadth([act(5, "follow")], BRAND, 4 * DAY) is None
    outbound = breadth([act(5, "like", actor="x:me", target="x:ann")], BRAND, 6 * DAY)
    assert outbound is not None
    assert (outbound.tenure, outbound.before_like, outbound.public_per_cent) == (DAY, None, None)
