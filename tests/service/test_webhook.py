"""What a delivery says: every form that is taken, and what is refused with a line."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtship.errors import InvalidRecord, NotAllowed
from courtship.model import Activity, Undo

if TYPE_CHECKING:
    from courtship.service.live.webhook import Receiver
    from courtship.store.workspace import Workspace

NOW = 1_795_305_600_000_000  # 2026-11-22T00:00:00Z
ROW = {"id": "1", "kind": "like", "actor": "test:ann", "target": "test:me", "at": "2026-11-21T10:00:00Z"}
STREAM = {
    "type": "Like",
    "id": "https://a.example/1",
    "actor": "https://a.example/users/ann",
    "object": "https://me.example/users/me/statuses/5",
    "published": "2026-11-21T10:00:00Z",
}


def clock() -> int:
    return time.time_ns() // 1000


def now_row(**more: object) -> bytes:
    """A row of just now."""
    return orjson.dumps(ROW | {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())} | more)


@pytest.mark.parametrize(
    ("body", "kind", "count"),
    [
        (orjson.dumps(ROW), "application/json", 1),
        (orjson.dumps([ROW, ROW | {"id": "2"}]), "application/json", 2),
        (orjson.dumps(ROW) + b"\n" + orjson.dumps(ROW | {"id": "2"}) + b"\n", "application/x-ndjson", 2),
        (b"\xef\xbb\xbf" + orjson.dumps(ROW), "", 1),
        (b"id,kind,actor,target,at\n1,like,test:ann,test:me,2026-11-21\n", "text/csv", 1),
        (b"at;actor;target;kind;id\n2026-11-21;test:ann;test:me;like;1\n", "text/csv; charset=utf-8", 1),
        (orjson.dumps({"id": "u", "undoes": "1", "at": "2026-11-21"}), "application/json", 1),
        (orjson.dumps(STREAM), "application/activity+json", 1),
        (orjson.dumps({"type": "OrderedCollection", "orderedItems": [STREAM]}), "application/ld+json", 1),
        (orjson.dumps([STREAM, ROW]), "application/json", 2),
    ],
)
def test_every_form_is_read(body: bytes, kind: str, count: int) -> None:
    from courtship.service.live.webhook import read

    found = read(body, kind, now=NOW)
    assert found.problems == []
    assert len([one for one in found.records if isinstance(one, (Activity, Undo))]) == count


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"hello", "not JSON"),
        (b'{"id": 1', "not JSON"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"a,b\n1,2\n", "no column 'at'"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_cannot_be_read_at_all(body: bytes, said: str) -> None:
    from courtship.service.live.webhook import read

    with pytest.raises(InvalidRecord, match=said):
        read(body, "", now=NOW)


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (ROW | {"kind": "shout"}, "unknown kind"),
        (ROW | {"actor": "ann"}, "not an account"),
        (ROW | {"at": "soon"}, "ISO 8601"),
        (ROW | {"at": "2026-11-22T01:00:00Z"}, "60 minutes ahead of the clock here"),
        ("text", "no JSON object"),
        ({"type": "courtship:Decision", "verb": "brand.add"}, ""),
        ({"type": "courtship:Coverage"}, ""),
        ({"type": "Dance", "actor": "https://a.example/users/ann"}, "not known here"),
    ],
)
def test_a_wrong_item_has_its_line_and_the_rest_is_in(item: object, said: str) -> None:
    from courtship.service.live.webhook import read

    found = read(orjson.dumps([ROW, item, ROW | {"id": "3"}]), "", now=NOW)
    assert len(found.records) == 2
    (problem,) = found.problems
    assert problem.where == "item 2"
    assert said in problem.reason


def test_who_sends_makes_no_decision_and_no_brand() -> None:
    from courtship.model import Decision, Profile
    from courtship.platforms.own_export import to_activitystreams
    from courtship.service.live.webhook import read

    lines = [
        to_activitystreams(Decision("brand.add", "test:evil", at=NOW)),
        to_activitystreams(Profile("test:evil", name="Me", own=True)),
    ]
    found = read(orjson.dumps(lines), "", now=NOW)
    assert [getattr(one, "own", None) for one in found.records] == [False]
    assert len(found.problems) == 1


def test_an_hour_behind_is_taken_and_an_unknown_field_is_named() -> None:
    from courtship.service.live.webhook import read

    found = read(orjson.dumps(ROW | {"at": "2026-11-21T23:00:00Z", "colour": "red"}), "", now=NOW)
    assert found.ignored == ["colour"]
    assert (len(found.records), found.problems) == (1, [])


@given(st.binary(max_size=300))
def test_no_body_breaks_it(body: bytes) -> None:
    from courtship.service.live.webhook import read

    with contextlib.suppress(InvalidRecord):
        read(body, "", now=NOW)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-(2**60), 2**60) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "kind", "actor", "object", "target", "at", "id", "items", "published"]),
            inner,
        )
    ),
    max_leaves=12,
)


@given(_JSON)
def test_no_json_breaks_it(value: object) -> None:
    from courtship.service.live.webhook import read

    with contextlib.suppress(InvalidRecord):
        read(orjson.dumps(value), "application/json", now=NOW)


# ---------------------------------------------------------------- keeping


@pytest.fixture
def receiver(workspace: Workspace) -> Iterator[Receiver]:
    from courtship.service.live.webhook import Receiver

    made = Receiver(workspace, clock)
    yield made
    made.stop()


def test_it_is_kept_before_it_is_answered_and_reckoned_soon_after(
    workspace: Workspace, receiver: Receiver
) -> None:
    from courtship.service.people import brand
    from courtship.service.reckoning import rebuild
    from courtship.store.derived import persons
    from courtship.store.operations import hooks

    brand.add(workspace, ["test:me"], now=clock())
    hook, token = hooks.add(workspace, "Till", now=clock())
    receiver.look()
    assert receiver.hook(token) is not None
    answer = receiver.deliver(hook, now_row(), "", "").result(30)
    assert (answer.status, answer.body) == (200, {"new": 1, "known": 0, "problems": []})
    assert [one.id for one in workspace.activities_of(["test:ann"])] == ["1"]
    until = time.monotonic() + 60
    while persons.person_of(workspace, "test:ann") is None:
        assert time.monotonic() < until
        time.sleep(0.05)
    (held,) = hooks.every(workspace)
    assert held.heard == 1
    assert rebuild.rebuild(workspace, now=clock()).differences == 0


def test_a_repeated_delivery_is_answered_alike_and_counts_once(
    workspace: Workspace, receiver: Receiver
) -> None:
    from courtship.store.operations import hooks

    hook, _ = hooks.add(workspace, "Till", now=clock())
    body = now_row(id="", text="hello")
    together = [receiver.deliver(hook, body, "", "k") for _ in range(20)]
    answers = [one.result(30) for one in together]
    assert {(one.status, orjson.dumps(one.body)) for one in answers} == {
        (200, b'{"new":1,"known":0,"problems":[]}')
    }
    assert [one.replayed for one in answers].count(False) == 1
    assert receiver.deliver(hook, body, "", "").result(30).body["known"] == 1, "by what it says"
    other = receiver.deliver(hook, now_row(id="9"), "", "k").result(30)
    assert other.status == 422
    assert "another body" in other.body["error"]
    assert len(workspace.activities_of(["test:ann"])) == 1


def test_one_that_breaks_takes_no_other_with_it(
    workspace: Workspace, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from courtship.service.live import webhook
    from courtship.store.operations import hooks

    hook, _ = hooks.add(workspace, "Till", now=clock())
    real = webhook.Receiver._append

    def breaks(self: Receiver, one: webhook._Delivery) -> webhook.Answer:
        if one.read.records[0].text == "bad":  # type: ignore[union-attr]
            raise RuntimeError("a mistake")
        return real(self, one)

    monkeypatch.setattr(webhook.Receiver, "_append", breaks)
    bodies = [now_row(id=str(n), text="bad" if n == 5 else "good") for n in range(10)]
    answers = [one.result(30) for one in [receiver.deliver(hook, body, "", "") for body in bodies]]
    assert [one.status for one in answers] == [200] * 5 + [500] + [200] * 4
    assert len(workspace.activities_of(["test:ann"])) == 9


def test_an_address_taken_back_takes_nothing_more(workspace: Workspace, receiver: Receiver) -> None:
    from courtship.store.operations import hooks

    hook, token = hooks.add(workspace, "Till", now=clock())
    hooks.remove(workspace, hook.id, now=clock())
    assert receiver.deliver(hook, now_row(), "", "").result(30).status == 404
    receiver.look()
    assert receiver.hook(token) is None
    with pytest.raises(NotAllowed):
        hooks.remove(workspace, hook.id, now=clock())


def test_only_the_whole_token_opens(workspace: Workspace) -> None:
    from courtship.store.operations import hooks

    hook, token = hooks.add(workspace, "Till", now=clock())
    every = hooks.every(workspace)
    assert hooks.of_token(every, token) == hook
    for wrong in (
        "",
        token[:-1],
        token + "x",
        token.upper(),
        f"hook-{hook.id}-",
        token.replace("hook", "kooh"),
        "é",
    ):
        assert hooks.of_token(every, wrong) is None
    with workspace.connection.cursor() as cursor:
        cursor.execute("SELECT digest, title FROM store_hook")
        assert token.encode() not in bytes(cursor.fetchone()[0])
