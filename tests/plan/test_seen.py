"""How far one can see, from what the sources declare."""

from __future__ import annotations

from courtship.model import Coverage
from courtship.plan.seen import Sight


def test_full_coverage_is_taken_at_its_word() -> None:
    sight = Sight(
        [
            Coverage("x:me", "comment", "inbound", "full", None, 90),
            Coverage("x:me", "comment", "outbound", "full", 10, 50),
            Coverage("x:me", "like", "outbound", "full", 40, 70),
            Coverage("x:me", "follow", "outbound", "full", None, 95),
            Coverage("y:me", "comment", "outbound", "none", None, 99),
        ],
        80,
    )
    assert sight.ends == {"x": 80}
    assert sight.heard == {"x": 80}
    assert [sight.answers_until("x", at) for at in (5, 20, 45, 69, 70)] == [None, 50, 70, 70, None]
    assert sight.answers_until("y", 20) is None
    assert sight.heard_until(["y", "x"]) == 80
    assert sight.heard_until(["y"]) is None
    assert (sight.current(80), sight.current(81)) == (frozenset({"x"}), frozenset())


def test_a_table_of_acts_reaches_as_far_as_any_of_its_acts() -> None:
    table = [
        Coverage("x:me", "comment", "inbound", "some", 10, 60),
        Coverage("x:me", "comment", "outbound", "some", 30, 30),
        Coverage("x:me", "follow", "inbound", "some", 5, 90),
    ]
    assert [Sight(table, 100).answers_until("x", at) for at in (4, 5, 60, 90)] == [None, 90, 90, None]
    assert Sight(table[:1], 100).answers_until("x", 20) is None
    assert Sight(table, 20).answers_until("x", 10) is None
    assert Sight(table, 100).heard_until(["x"]) == 90


def test_the_order_of_what_is_declared_never_matters() -> None:
    told = [
        Coverage("x:me", kind, "outbound", "some", at, at + 7) for at, kind in enumerate(("like", "vote"))
    ]
    one, other = Sight(told, 5), Sight(told[::-1], 5)
    assert (one.ends, one.answers_until("x", 3)) == (other.ends, other.answers_until("x", 3)) == ({"x": 5}, 5)
