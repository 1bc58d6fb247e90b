"""JSON of many from columns is what orjson writes of each."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtship import columnjson
from courtship.columnjson import listed, number, row, truth, words, written

MOST = 2**63 - 1
_number = st.one_of(
    st.integers(-MOST, MOST), st.integers(-20, 20), st.sampled_from([10**18, -(10**18), 99, 100])
)
_names = ["x", "mastodon", 'a "name"', "größer", ""]
_pair = st.tuples(_number, st.integers(0, len(_names) - 1))
_person = st.fixed_dictionaries(
    {
        "n": _number,
        "t": st.booleans(),
        "plain": st.one_of(st.none(), st.lists(_number, max_size=3)),
        "pairs": st.lists(_pair, max_size=3),
        "row": st.one_of(st.none(), _pair),
    }
)


def _ragged(lists: list[list[Any] | None], width: int) -> tuple[Any, Any, Any]:
    cells = [one for some in lists if some is not None for one in some]
    shape = (-1,) if width == 1 else (-1, width)
    many = np.array([0 if some is None else len(some) for some in lists], np.int64)
    high = np.cumsum(many)
    low = np.where([some is None for some in lists], -1, high - many)
    return np.array(cells, np.int64).reshape(shape), low, high


@settings(deadline=None)
@given(st.lists(_person, max_size=5), st.data())
def test_written_as_orjson_writes_it(people: list[dict[str, Any]], data: st.DataObject) -> None:
    parts = [
        words(b"["),
        number(np.array([one["n"] for one in people], np.int64)),
        words(b","),
        truth(np.array([one["t"] for one in people], np.bool_)),
        words(b","),
        listed(*_ragged([one["plain"] for one in people], 1)),
        words(b","),
        listed(*_ragged([one["pairs"] for one in people], 2), _names),
        words(b","),
        row(*_ragged([[one["row"]] if one["row"] else [] for one in people], 2), _names),
        words(b"]"),
    ]
    some = sorted(data.draw(st.sets(st.integers(0, len(people) - 1)))) if people else []

    def named(pair: tuple[int, int]) -> list[Any]:
        return [pair[0], _names[pair[1]]]

    assert written(parts, np.array(some, np.int64)) == [
        orjson.dumps(
            [
                one["n"],
                one["t"],
                one["plain"],
                [named(pair) for pair in one["pairs"]],
                named(one["row"]) if one["row"] else None,
            ]
        )
        for one in (people[i] for i in some)
    ]


def test_more_than_is_written_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columnjson, "_AT_ONCE", 100)
    many = np.arange(40, dtype=np.int64) * 10**9
    assert written([words(b"["), number(many), words(b"]")], np.arange(40)) == [
        orjson.dumps([one]) for one in many.tolist()
    ]
