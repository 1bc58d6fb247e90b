"""Items of JSON documents as a stream: the same as parsing it whole, and what stands before any damage."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtship.sources import json_stream
from courtship.sources.json_stream import Damaged, items

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "é", "item"]), inner)
    ),
    max_leaves=12,
)


def at(value: Any, path: list[str]) -> list[Any]:
    if not path:
        return [value]
    if isinstance(value, list) and path[0] == "item":
        return [found for item in value for found in at(item, path[1:])]
    if isinstance(value, dict) and path[0] in value:
        return at(value[path[0]], path[1:])
    return []


@given(values, st.sampled_from(["a", "item", "a.item", "a.b.item", "item.item", "item.a"]), st.booleans())
def test_the_same_as_parsed_whole(document: Any, prefix: str, tight: bool) -> None:
    data = json.dumps(document, ensure_ascii=tight, indent=None if tight else 1).encode()
    assert list(items(io.BytesIO(data), prefix)) == at(document, prefix.split("."))


def test_windows_may_end_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    document = {
        "before": [1, {"x": '\\"é'}],
        "a": [{"n": n, "t": "é\n" * 5} for n in range(20)] + [12345, -1.5e7, True],
    }
    data = json.dumps(document, ensure_ascii=False).encode()
    for window in range(1, 40):
        monkeypatch.setattr(json_stream, "WINDOW", window)
        assert list(items(io.BytesIO(data), "a.item")) == document["a"]


@pytest.mark.parametrize("damage", [b"", b"}", b"\xff", b'"', b"{,"])
def test_what_stands_before_the_damage(damage: bytes) -> None:
    data = json.dumps({"a": [{"n": 1}, {"n": 2}, {"n": 3}]}).encode()
    cut = data.index(b'{"n": 3') + 4
    found = items(io.BytesIO(data[:cut] + damage), "a.item")
    assert [next(found), next(found)] == [{"n": 1}, {"n": 2}]
    with pytest.raises(Damaged):
        next(found)


@pytest.mark.parametrize("data", [b"", b"nonsense", b"{} {}", b"[1,]", b'{"a" 1}', b"{1:2}", b"[" * 100_000])
def test_what_is_no_json(data: bytes) -> None:
    with pytest.raises(Damaged):
        list(items(io.BytesIO(data), "a.item"))
