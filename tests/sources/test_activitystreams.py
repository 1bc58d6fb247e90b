"""ActivityStreams 2.0 as servers write it, and as the product exports it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from courtship.model import Activity, Decision, Origin, Problem, Snapshot, Undo
from courtship.platforms.activitystreams import from_activitystreams, to_activitystreams
from courtship.sources.base import Told
from courtship.testing import activity, check_fixture, read_fixture, read_told

FIXTURES = Path(__file__).parent / "fixtures" / "activitystreams"
ME, ANN = "https://s.example/users/me", "https://s.example/users/ann"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


@pytest.mark.parametrize("name", ["inbox.json", "followers.json", "lines.jsonl"])
def test_fixture(name: str) -> None:
    records = check_fixture(FIXTURES / name, now=1_700_000_000_000_000)
    assert records


def note(**fields: Any) -> dict[str, Any]:
    return {
        "type": "Create",
        "id": "c",
        "actor": ANN,
        "published": "2026-01-01T00:00:00Z",
        "object": {"type": "Note", "id": "n", "content": "hi", **fields},
    }


def told(item: dict[str, Any]) -> list[tuple[str, str]]:
    return [(r.kind, r.target) for r in from_activitystreams(item) if isinstance(r, Activity)]


REPLY = {"inReplyTo": {"id": "p", "attributedTo": ME}}
QUOTE = {"quoteUrl": f"{ME}/statuses/1"}
MENTION = {"tag": [{"type": "Mention", "href": ME}]}


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"to": [ME], **QUOTE, **REPLY, **MENTION}, "message"),
        ({"to": [PUBLIC], **QUOTE, **REPLY, **MENTION}, "quote"),
        (
            {"to": [PUBLIC], "inReplyTo": {"type": "Question", "id": "q", "attributedTo": ME}, **MENTION},
            "vote",
        ),
        ({"to": [ME], "name": "Rye", "content": None, **REPLY}, "vote"),
        ({"to": [PUBLIC], "cc": [ME], **REPLY, **MENTION}, "comment"),
        ({**REPLY}, "comment"),
        ({"to": [PUBLIC], **MENTION}, "mention"),
        ({"inReplyTo": "https://elsewhere.example/1", "to": [PUBLIC], "cc": [ME]}, "comment"),
    ],
)
def test_a_post_that_fits_several_kinds_is_the_first(fields: dict[str, Any], kind: str) -> None:
    assert told(note(**fields)) == [(kind, "mastodon:me@s.example")]


def test_an_answer_to_somebody_else_is_towards_the_brand_only_where_it_mentions_it() -> None:
    answer = {"to": [PUBLIC], "inReplyTo": {"id": "p", "attributedTo": "https://s.example/users/bob"}}
    assert told(note(**answer)) == [("comment", "mastodon:bob@s.example")]
    assert told(note(**answer, **MENTION)) == [
        ("comment", "mastodon:bob@s.example"),
        ("mention", "mastodon:me@s.example"),
    ]


def test_an_owner_who_is_not_told_is_nobody() -> None:
    assert told(note(to=[PUBLIC], inReplyTo="https://blog.example/2026/hello")) == [("comment", "")]
    like = {
        "type": "Like",
        "actor": ANN,
        "published": "2026-01-01T00:00:00Z",
        "object": "https://b.example/1",
    }
    assert told(like) == [("like", "")]
    assert told({**like, "to": [ME]}) == [("like", "mastodon:me@s.example")]


def test_answering_oneself_is_towards_nobody() -> None:
    assert told(note(to=[PUBLIC], inReplyTo=f"{ANN}/statuses/1")) == []


@pytest.mark.parametrize(
    ("rating", "kind"),
    [
        ({"ratingValue": 4}, "endorse"),
        ({"ratingValue": "5", "bestRating": "5"}, "endorse"),
        ({"ratingValue": 3}, "mention"),
        ({"ratingValue": 7, "bestRating": 10}, "endorse"),
        ({"ratingValue": 6, "bestRating": 10}, "mention"),
        ({"ratingValue": "good"}, "mention"),
        (4, "endorse"),
    ],
)
def test_a_review_counts_by_its_scale(rating: Any, kind: str) -> None:
    review = {"type": "Review", "content": "words", "reviewRating": rating, "itemReviewed": ME}
    assert told({**note(), "object": review}) == [(kind, "mastodon:me@s.example")]


def test_a_delete_names_the_note_and_ends_what_made_it_in_any_order(tmp_path: Path) -> None:
    made = note(**REPLY, id=f"{ANN}/statuses/1")
    delete = {
        "type": "Delete",
        "id": "d",
        "actor": ANN,
        "published": "2026-01-02T00:00:00Z",
        "object": f"{ANN}/statuses/1",
    }
    for order in ([made, delete], [delete, made]):
        path = tmp_path / "lines.jsonl"
        path.write_bytes(b"\n".join(map(orjson.dumps, order)))
        (undo,) = [record for record in read_fixture(path) if isinstance(record, Undo)]
        assert (undo.undoes, undo.platform, undo.blank) == ("c", "mastodon", True)
    path.write_bytes(orjson.dumps(delete))
    undone = [record.undoes for record in read_fixture(path) if isinstance(record, Undo)]
    assert undone == [f"{ANN}/statuses/1", f"{ANN}/statuses/1/activity"]


def test_a_list_of_followers_is_a_snapshot_as_of_its_date(tmp_path: Path) -> None:
    path = tmp_path / "followers.json"
    path.write_bytes((FIXTURES / "followers.json").read_bytes())
    (snapshot,) = read_fixture(path, now=1_700_000_000_000_000)
    assert snapshot == Snapshot(
        "mastodon:bakery@social.example",
        "follow",
        "inbound",
        ("mastodon:ann@social.example", "mastodon:bob@other.example"),
        1_700_000_000_000_000,
    )


@pytest.mark.parametrize("shape", ["array", "page", "first", "large"])
def test_the_shapes_of_a_collection(tmp_path: Path, shape: str) -> None:
    context = "https://www.w3.org/ns/activitystreams"
    items = [{**note(**REPLY), "id": f"c{n}"} for n in range(30_000 if shape == "large" else 3)]
    path = tmp_path / "file.json"
    document: Any = items
    if shape == "page":
        document = {"@context": context, "type": "CollectionPage", "items": items}
    elif shape == "first":
        document = {"@context": context, "type": "Collection", "first": {"orderedItems": items}}
    elif shape == "large":  # streamed, for it is over what is parsed at once
        document = {"@context": context, "type": "OrderedCollection", "orderedItems": items}
    path.write_bytes(orjson.dumps(document))
    found = [record for record in read_fixture(path) if isinstance(record, Activity)]
    assert [record.id for record in found] == [f"c{n}" for n in range(len(items))]


def test_a_collection_cut_short_gives_what_stands_before_the_cut(tmp_path: Path) -> None:
    items = [{**note(**REPLY), "id": f"c{n}"} for n in range(5)]
    data = orjson.dumps({"@context": "https://www.w3.org/ns/activitystreams", "orderedItems": items})
    path = tmp_path / "inbox.json"
    path.write_bytes(data[: data.index(b'"c3"') + 40])
    *found, problem = read_fixture(path)
    assert [record.id for record in found if isinstance(record, Activity)] == ["c0", "c1", "c2"]
    assert isinstance(problem, Problem)
    assert "get it again" in problem.reason


def test_an_export_is_read_back_as_it_was(tmp_path: Path) -> None:
    records: list[Told] = [
        Origin("old.csv", "activities", "shop", 5),
        activity("comment", text="hi", ended=1_767_225_600_000_001, actor_followers=3, public=False),
        Undo("u", "a", 1_767_225_600_000_000, "x", True),
        Decision("brand.add", "test:me", {}, 7, "owner", 1),
    ]
    path = tmp_path / "export.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps(to_activitystreams(record)) for record in records))  # type: ignore[arg-type]
    assert read_told(path) == records
