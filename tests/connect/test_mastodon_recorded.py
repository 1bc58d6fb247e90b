"""The Mastodon connection against answers recorded of a real server, and what other servers leave out."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import pytest
from tests.connect.sessions import Kept, session
from tests.sources.shared_fixtures import shared
from tests.sources.test_mastodon_api import answers_of

from courtship.connect.mastodon import CONNECTOR

Answers = dict[str, tuple[object, str]]


def recorded(*names: str) -> Answers:
    """By path: the last answer that the named recordings have, and its ``Link`` header."""
    folder = shared("mastodon") / "halcy+Mastodon.py/tests/cassettes"
    found: Answers = {}
    for name in names:
        for answer in answers_of(folder / f"{name}.yaml"):
            found[urlsplit(answer["url"]).path] = (answer["answer"], answer.get("link") or "")
    return found


def run(answers: Answers, change: Callable[[httpx.Request], httpx.Response | None] | None = None) -> Kept:
    """Lets the connection read a server that answers so, until it has read everything."""

    def answer(request: httpx.Request) -> httpx.Response:
        if change is not None and (changed := change(request)) is not None:
            return changed
        value, link = answers.get(request.url.path, (None, ""))
        if value is None or "max_id" in request.url.params:
            return httpx.Response(
                404 if value is None else 200, json={"error": "none"} if value is None else []
            )
        return httpx.Response(200, json=value, headers={"link": link} if link else {})

    kept = Kept()
    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        asked = session(CONNECTOR, {"server": "http://localhost:3000", "token": "x"}, client=http)
        for number, batch in enumerate(CONNECTOR.run(asked)):
            kept.keep(batch)
            if batch.seen_to or number > 60:
                break
    return kept


def server(*names: str) -> Answers:
    """A whole server from recordings: what it has no answer for is an empty list."""
    found = recorded("test_verify_credentials", *names)
    me = found["/api/v1/accounts/verify_credentials"][0]
    assert isinstance(me, dict)
    for path in ("notifications", "favourites", "blocks", f"accounts/{me['id']}/statuses"):
        found.setdefault(f"/api/v1/{path}", ([], ""))
    for path in ("followers", "following"):
        answer = next((value for key, value in found.items() if key.endswith(f"/{path}")), ([], ""))
        found[f"/api/v1/accounts/{me['id']}/{path}"] = answer
    return found


def test_recorded_notifications_and_followers() -> None:
    kept = run(server("test_notifications", "test_account_followers"))
    assert any(batch.seen_to for batch in kept.batches)
    assert not kept.problems
    assert "mention" in kept.kinds() or "comment" in kept.kinds()
    assert [one.direction for one in kept.lists] == ["inbound", "outbound", "outbound"]
    assert kept.lists[0].complete


@pytest.mark.parametrize("missing", ["/api/v1/blocks", "/api/v2/instance", "/api/v1/streaming/user"])
def test_what_other_servers_do_not_have_is_left_out(missing: str) -> None:
    kept = run(
        server("test_notifications"),
        lambda request: httpx.Response(404) if request.url.path.startswith(missing) else None,
    )
    assert any(batch.seen_to for batch in kept.batches)


def test_damaged_entries_are_problems_and_the_rest_is_read() -> None:
    answers = server("test_notifications")
    listed, link = answers["/api/v1/notifications"]
    assert isinstance(listed, list)
    answers["/api/v1/notifications"] = ([None, {"id": "1", "type": "mention"}, *listed, "x"], link)
    kept = run(answers)
    assert len(kept.problems) >= 3
    assert kept.kinds()
