"""Lists compared: who came and who went, with and without dates."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import orjson
import pytest

from courtship.model import Activity, Micros, Snapshot, Undo
from courtship.platforms.own_export import from_own, to_activitystreams
from courtship.sources.snapshots import changes, compared
from courtship.testing import read_fixture

ME = "instagram:tearoom"
ANN, BO, CY = "instagram:ann", "instagram:bo", "instagram:cy"
T = 1_780_000_000_000_000
EXPORT = Path(__file__).parent / "fixtures/instagram/instagram-tearoom-2026-05-04-AbC1dEf2"


def dated(at: Micros, members: dict[str, Micros], complete: bool = True) -> Snapshot:
    """A list whose file tells when each came, 0 where it does not."""
    acts = tuple(f"{who}:{date}" if date else "" for who, date in members.items())
    return Snapshot(ME, "follow", "inbound", tuple(members), at, complete, acts, tuple(members.values()))


def plain(at: Micros, *members: str) -> Snapshot:
    return Snapshot(ME, "follow", "inbound", members, at)


def ended(*lists: Snapshot) -> dict[str, Micros]:
    return {one.undoes: one.at for one in changes(lists) if isinstance(one, Undo)}


def test_who_is_told_of_with_a_date_does_not_arrive_twice() -> None:
    assert list(changes([dated(T, {ANN: T - 5, BO: T - 4})])) == []
    (came,) = changes([dated(T, {ANN: T - 5, BO: 0})])
    assert isinstance(came, Activity)
    assert (came.actor, came.precise, came.at) == (BO, False, T)


def test_the_dated_act_is_ended_by_a_later_list() -> None:
    first, second = dated(T, {ANN: T - 5, BO: T - 4}), dated(T + 9, {ANN: T - 5})
    assert ended(first, second) == {f"{BO}:{T - 4}": T + 9}
    assert ended(first, dated(T + 9, {ANN: T - 5}, complete=False)) == {}


def test_another_date_is_a_return() -> None:
    first, second = dated(T, {ANN: T - 9, BO: T - 4}), dated(T + 9, {ANN: T - 9, BO: T + 3})
    assert ended(first, second) == {f"{BO}:{T - 4}": T + 9}
    assert ended(first, second, dated(T + 20, {ANN: T - 9})) == {
        f"{BO}:{T - 4}": T + 9,
        f"{BO}:{T + 3}": T + 20,
    }


def test_an_export_of_a_stretch_of_time_ends_nobody_from_before_it() -> None:
    first = dated(T, {ANN: T - 9, BO: T - 5, CY: 0})
    assert ended(first, dated(T + 9, {"instagram:dee": T + 1})) == {}
    assert ended(first, dated(T + 9, {BO: T - 5})) == {}


def test_undated_lists_as_ever() -> None:
    records = list(changes([plain(T, ANN, BO), plain(T + 9, BO, CY)]))
    came = [one.actor for one in records if isinstance(one, Activity)]
    assert came == [ANN, BO, CY]
    assert len([one for one in records if isinstance(one, Undo)]) == 1


def test_the_order_of_import_does_not_matter() -> None:
    lists = [
        dated(T, {ANN: T - 9, BO: T - 4}),
        dated(T + 9, {ANN: T - 9}),
        dated(T + 20, {ANN: T - 9, BO: T + 15}),
    ]
    wanted = set(changes(lists))
    for order in permutations(lists):
        assert set(changes(order)) == wanted
    found = set(compared(lists[::2], lists))
    assert {one.undoes for one in found if isinstance(one, Undo)} == {f"{BO}:{T - 4}"}


def test_the_product_s_own_export_keeps_the_acts() -> None:
    told = dated(T, {ANN: T - 9, BO: 0})
    line = orjson.loads(orjson.dumps(to_activitystreams(told)))
    assert from_own(line) == told
    line["dates"] = ["today"]
    with pytest.raises(ValueError):
        from_own(line)


def test_instagram_s_lists_carry_their_acts() -> None:
    records = read_fixture(EXPORT)
    acts = {one.id: one for one in records if isinstance(one, Activity)}
    lists = [one for one in records if isinstance(one, Snapshot) and one.acts]
    assert {(one.account.partition(":")[0], one.kind, one.direction) for one in lists} >= {
        ("instagram", "follow", "inbound"),
        ("instagram", "follow", "outbound"),
        ("threads", "follow", "inbound"),
    }
    for one in lists:
        assert len(one.acts) == len(one.dates) == len(one.members)
        for member, id, date in zip(one.members, one.acts, one.dates, strict=True):
            if id:
                assert member in {acts[id].actor, acts[id].target}
                assert acts[id].at == date
    (followers,) = [
        one for one in lists if one.direction == "inbound" and one.account.startswith("instagram")
    ]
    assert not followers.complete, "a line of it could not be read"
