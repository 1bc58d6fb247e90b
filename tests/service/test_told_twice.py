"""One act that two ways tell of is one activity with both origins, whichever came first.

An e-mail and an export: ``sources/test_notification_mail_import.py``. Two files of one export, which their
source joins by itself: ``sources/test_facebook.py`` (reactions), ``test_instagram.py`` (old and new dialect).
"""

from __future__ import annotations

import os
from pathlib import Path

import orjson
import pytest

from courtship.model import DAY, Decision, StoredActivity
from courtship.service.importing.importing import import_paths
from courtship.service.reckoning.rebuild import rebuild
from courtship.store.workspace import Workspace
from courtship.testing import NOW

ME, ANN = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "did:plc:bbbbbbbbbbbbbbbbbbbbbbbb"
POST = f"at://{ME}/app.bsky.feed.post/3kaaaaaaaaaa2"


def bluesky(folder: Path) -> list[Path]:
    """Who reposted (no dates), and the notification of it (dated), as two files."""
    view = {"did": ANN, "handle": "ann.example", "displayName": "Ann"}
    notification = {
        "uri": f"at://{ANN}/app.bsky.feed.repost/3kbbbbbbbbbb2",
        "cid": "bafyreia",
        "author": view,
        "reason": "repost",
        "reasonSubject": POST,
        "record": {
            "$type": "app.bsky.feed.repost",
            "subject": {"uri": POST, "cid": "bafyreib"},
            "createdAt": "2026-03-01T10:00:00Z",
        },
        "indexedAt": "2026-03-01T10:00:01Z",
        "isRead": True,
    }
    made = {
        "getRepostedBy.json": {"uri": POST, "repostedBy": [view]},
        "listNotifications.json": {"notifications": [notification], "cursor": "x"},
    }
    for name, value in made.items():
        file = folder / name
        file.write_bytes(orjson.dumps(value))
        os.utime(file, ns=(1_777_000_000_000_000_000,) * 2)
    return [folder / name for name in made]


def shares(workspace: Workspace) -> list[StoredActivity]:
    return [act for act in workspace.activities_of([f"bluesky:{ANN}"]) if act.kind == "share"]


@pytest.mark.parametrize("backwards", [False, True])
def test_an_undated_repost_and_its_notification(
    workspace: Workspace, tmp_path: Path, backwards: bool
) -> None:
    workspace.decide(Decision("brand.add", f"bluesky:{ME}"))
    files = bluesky(tmp_path)
    for number, file in enumerate(files[::-1] if backwards else files):
        import_paths(workspace, [file], now=NOW + number)
    (share,) = shares(workspace)
    assert share.precise
    assert share.id.startswith("at://"), "the notification leads"
    assert {origin.format for origin in share.origins} == {"bluesky-api", "bluesky-lists"}
    columns = workspace.columns().columns
    assert [len(columns.at), int(columns.precise[0])] == [1, 1]
    assert not rebuild(workspace, now=NOW + DAY).differences


PAGE = "600100200300"


def page(folder: Path) -> list[Path]:
    """A comment and a reaction, as the Graph API answers (no date of a reaction) and as webhooks."""
    ann, bo = {"id": "700001", "name": "Ann Bell"}, {"id": "700002", "name": "Bo Lee"}
    post = f"{PAGE}_111"
    answer = {
        "id": post,
        "created_time": "2026-02-02T02:40:00+0000",
        "message": "New cups",
        "from": {"id": PAGE, "name": "Tea Room"},
        "reactions": {"data": [{**bo, "type": "LOVE"}], "summary": {"total_count": 1}},
        "comments": {
            "data": [
                {"id": "111_1", "created_time": "2026-02-02T02:40:10+0000", "message": "Lovely", "from": ann}
            ]
        },
    }
    values = [
        {
            "item": "comment",
            "comment_id": "111_1",
            "message": "Lovely",
            "created_time": 1770000010,
            "from": ann,
        },
        {"item": "reaction", "reaction_type": "love", "created_time": 1770000050, "from": bo},
    ]
    more = {"verb": "add", "post_id": post, "parent_id": post}
    brought = [
        {
            "object": "page",
            "entry": [
                {"id": PAGE, "time": 1770000060, "changes": [{"field": "feed", "value": {**value, **more}}]}
            ],
        }
        for value in values
    ]
    feed, webhooks = folder / "feed.json", folder / "webhooks.jsonl"
    feed.write_bytes(orjson.dumps({"data": [answer]}))
    webhooks.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in brought))
    os.utime(feed, ns=(1_777_000_000_000_000_000,) * 2)
    return [feed, webhooks]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_page_s_answers_and_its_webhooks(workspace: Workspace, tmp_path: Path, backwards: bool) -> None:
    workspace.decide(Decision("brand.add", f"facebook:{PAGE}"))
    files = page(tmp_path)
    for number, file in enumerate(files[::-1] if backwards else files):
        import_paths(workspace, [file], now=NOW + number)
    for account, kind in (("facebook:700001", "comment"), ("facebook:700002", "like")):
        (act,) = workspace.activities_of([account])
        assert (act.kind, act.precise) == (kind, True)
        assert sorted(Path(origin.path).name for origin in act.origins) == ["feed.json", "webhooks.jsonl"]
    assert not rebuild(workspace, now=NOW + DAY).differences
