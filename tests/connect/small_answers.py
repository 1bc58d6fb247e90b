"""A small account on each platform with one of everything, as its API answers: to be spoilt by tests."""

from __future__ import annotations

import base64
import copy
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import orjson
from tests.connect.made_xrpc import ME, SECOND, START, tid
from tests.connect.sessions import Kept, session

from courtship.connect.base import Connector
from courtship.times import to_iso

Answers = dict[str, Any]
ANN = "did:plc:person000000000000000001"
MORE = 60
"""Batches after which a run that never has everything is left."""


def read(
    connector: Connector,
    settings: Mapping[str, str],
    answer: Callable[[httpx.Request], httpx.Response],
    cursor: Mapping[str, Any] | None = None,
) -> Kept:
    """Lets a connector read a server that answers so, until it says that everything is in."""
    kept = Kept(cursor)
    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        asked = session(connector, settings, client=http, cursor=cursor)
        for number, batch in enumerate(connector.run(asked)):
            kept.keep(batch)
            lists = batch.cursor.get("lists", {"at": 1})
            if (batch.seen_to and lists.get("at")) or number > MORE:
                break
    return kept


# ---------------------------------------------------------------- Bluesky


def _dated(number: int) -> str:
    return to_iso(START + number * 60 * SECOND).replace("Z", ".000Z")


def _record(did: str, sort: str, number: int, said: Mapping[str, Any]) -> dict[str, Any]:
    value = {"$type": sort, "createdAt": _dated(number), **said}
    return {
        "uri": f"at://{did}/{sort}/{tid(START + number * 60 * SECOND)}",
        "cid": "bafy",
        "value": value,
    }


def _view(record: Mapping[str, Any], author: Mapping[str, Any]) -> dict[str, Any]:
    counts = {f"{one}Count": 1 for one in ("like", "repost", "reply", "quote")}
    told = {"uri": record["uri"], "cid": "bafy", "author": author, "record": record["value"]}
    return {**told, **counts, "indexedAt": record["value"]["createdAt"]}


def bluesky() -> Answers:
    """By the name of the question; ``records:`` and the collection for the account's own."""
    post, like, repost = "app.bsky.feed.post", "app.bsky.feed.like", "app.bsky.feed.repost"
    follow, block = "app.bsky.graph.follow", "app.bsky.graph.block"
    ann = {"did": ANN, "handle": "ann.example.com", "displayName": "Ann", "indexedAt": _dated(0)}
    me = {"did": ME, "handle": "brand.example.com"}
    own = _record(ME, post, -9, {"text": "fresh bread"})
    theirs = _record(ANN, post, -8, {"text": "hungry"})
    mine, hers = ({"uri": one["uri"], "cid": "bafy"} for one in (own, theirs))
    mention = {"features": [{"$type": "app.bsky.richtext.facet#mention", "did": ME}]}
    embed = {"$type": "app.bsky.embed.record", "record": mine}
    acts = [
        ("like", _record(ANN, like, 1, {"subject": mine})),
        ("follow", _record(ANN, follow, 2, {"subject": ME})),
        ("repost", _record(ANN, repost, 3, {"subject": mine})),
        ("reply", _record(ANN, post, 4, {"text": "mm", "reply": {"root": mine, "parent": mine}})),
        (
            "mention",
            _record(
                ANN, post, 5, {"text": "@b", "facets": [{"index": {"byteStart": 0, "byteEnd": 2}, **mention}]}
            ),
        ),
        ("quote", _record(ANN, post, 6, {"text": "look", "embed": embed})),
    ]
    notifications = [
        {
            "uri": one["uri"],
            "cid": "bafy",
            "author": ann,
            "reason": reason,
            "record": one["value"],
            "reasonSubject": own["uri"],
            "isRead": True,
            "indexedAt": one["value"]["createdAt"],
        }
        for reason, one in reversed(acts)
    ]
    reply = _view(acts[3][1], ann)
    thread = {
        "$type": "app.bsky.feed.defs#threadViewPost",
        "post": _view(own, me),
        "replies": [{"post": reply}],
    }
    claims = base64.urlsafe_b64encode(b'{"scope":"com.atproto.appPass"}').decode().rstrip("=")
    pds = {"service": [{"id": "#atproto_pds", "serviceEndpoint": "https://pds.example.com"}]}
    signed_in = {**me, "accessJwt": f"a.{claims}.b", "refreshJwt": "r", "active": True, "didDoc": pds}
    return {
        "com.atproto.server.createSession": signed_in,
        "app.bsky.notification.listNotifications": {"notifications": notifications},
        "com.atproto.sync.getLatestCommit": {"cid": "bafy", "rev": "3l3qo2vutsw2b"},
        "app.bsky.graph.getFollowers": {"followers": [ann], "subject": me},
        "app.bsky.graph.getFollows": {"follows": [ann], "subject": me},
        f"records:{post}": {"records": [own]},
        f"records:{like}": {"records": [_record(ME, like, 7, {"subject": hers})]},
        f"records:{repost}": {"records": [_record(ME, repost, 8, {"subject": hers})]},
        f"records:{follow}": {"records": [_record(ME, follow, 9, {"subject": ANN})]},
        f"records:{block}": {"records": []},
        "app.bsky.feed.getPosts": {"posts": [_view(own, me)]},
        "app.bsky.feed.getLikes": {"likes": [{"actor": ann, "createdAt": _dated(1), "indexedAt": _dated(1)}]},
        "app.bsky.feed.getRepostedBy": {"repostedBy": [ann]},
        "app.bsky.feed.getQuotes": {"posts": [_view(acts[5][1], ann)]},
        "app.bsky.feed.getPostThread": {"thread": thread},
        "com.atproto.repo.getRecord": {"uri": own["uri"], "value": own["value"]},
    }


BLUESKY = {"handle": "brand.example.com", "password": "x", "server": "http://localhost"}


def bluesky_answer(answers: Answers) -> Callable[[httpx.Request], httpx.Response]:
    """A server that gives these answers, each list on one page."""

    def answer(request: httpx.Request) -> httpx.Response:
        name = request.url.path.rpartition("/")[2]
        if name == "com.atproto.repo.listRecords":
            name = f"records:{request.url.params['collection']}"
        if name not in answers:
            return httpx.Response(400, json={"error": "MethodNotImplemented"})
        return httpx.Response(200, content=orjson.dumps(answers[name]))

    return answer


# ---------------------------------------------------------------- WordPress


def _comment(number: int, **said: Any) -> dict[str, Any]:
    written = {"raw": "lovely", "rendered": "<p>lovely</p>"}
    whose = {"author": 0, "author_name": "Ann", "author_email": "ann@example.com", "author_url": ""}
    when = {"date": "2026-05-04T10:00:00", "date_gmt": "2026-05-04T10:00:00"}
    post = {"id": 5, "link": "https://tea.example.com/cups/", "author": 1}
    place = {"id": number, "post": 5, "parent": 0, "link": f"https://tea.example.com/cups/#comment-{number}"}
    kind = {"status": "approved", "type": "comment", "_embedded": {"up": [post]}}
    return {**place, **whose, **when, "content": written, **kind, **said}


def wordpress() -> Answers:
    """By the path behind ``wp/v2/``; ``""`` is the root."""
    mira = {"id": 1, "username": "mira", "slug": "mira", "name": "Mira", "email": "mira@example.com"}
    mira |= {"roles": ["administrator"], "capabilities": {"list_users": True}}
    cups = {"id": 5, "slug": "cups", "status": "publish", "type": "post", "author": 1}
    cups |= {"link": "https://tea.example.com/cups/", "title": {"raw": "Cups", "rendered": "Cups"}}
    cups |= {"content": {"raw": "x", "rendered": "x"}, "date": "2026-05-04T09:00:00"}
    cups |= dict.fromkeys(("date_gmt", "modified", "modified_gmt"), "2026-05-04T09:00:00")
    cups["_embedded"] = {"wp:term": [[{"taxonomy": "category", "slug": "tea", "name": "Tea"}]]}
    site = "https://tea.example.com"
    return {
        "": {"name": "Tea", "url": site, "home": site, "namespaces": ["oembed/1.0", "wp/v2"]},
        "users/me": mira,
        "users": [mira],
        "comments": [_comment(3, parent=2, author=1, author_name="Mira"), _comment(2, parent=1), _comment(1)],
        "posts": [cups],
        "pages": [],
    }


WORDPRESS = {"site": "https://tea.example.com", "user": "mira", "password": "x"}


def wordpress_answer(answers: Answers) -> Callable[[httpx.Request], httpx.Response]:
    """A blog without permalinks that gives these answers, each list on one page."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        if "rest_route" not in asked:
            return httpx.Response(200, text="<html></html>")
        path = asked["rest_route"].strip("/").removeprefix("wp/v2").strip("/")
        if path not in answers:
            return httpx.Response(404, json={"code": "rest_comment_invalid_id"})
        if asked.get("page", "1") != "1":
            return httpx.Response(400, json={"code": "rest_post_invalid_page_number"})
        told = answers[path]
        if "include" in asked and isinstance(told, list):
            wanted = set(asked["include"].split(","))
            told = [one for one in told if isinstance(one, dict) and str(one.get("id")) in wanted]
        return httpx.Response(200, content=orjson.dumps(told), headers={"x-wp-total": "3"})

    return answer


# ---------------------------------------------------------------- spoiling

SPOILT: list[Any] = [
    *(
        None,
        True,
        0,
        -1,
        1e300,
        2**63,
        "",
        "x",
        "\0",
        "9" * 5_000,
        [],
        {},
        [[]],
        [None],
        ["x"],
        [{}],
        {"a": []},
    ),
    *("http://[", "http://a:99999/", "https://a:x/", "javascript:x", "at://", "at://x/y/z", "did:plc:x"),
    *("2026-13-45T99:99:99Z", "2026-11-27T10:00:00+99:99", "0001-01-01T00:00:00+23:59"),
    "9999-12-31T23:59:59.999999-23:59",
]


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value within a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*at, key)
        yield from places(one, (*at, key))


def spoil(value: Any, chance: random.Random) -> tuple[Any, str]:
    """A copy with one thing in it missing, or another than it should be; and which."""
    made = copy.deepcopy(value)
    way = chance.choice(list(places(made)))
    inner = made
    for key in way[:-1]:
        inner = inner[key]
    if isinstance(inner, dict) and chance.random() < 0.2:
        del inner[way[-1]]
        return made, f"{way} is missing"
    inner[way[-1]] = chance.choice(SPOILT)
    return made, f"{way} is {str(inner[way[-1]])[:40]!r}"
