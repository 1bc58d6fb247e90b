"""An export is valid ActivityStreams 2.0 and comes back without loss."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtship.addresses import is_address, of_uri, owner_of_uri, to_uri
from courtship.model import Activity, Coverage, Decision, Origin, Post, Profile, Snapshot, Total, Undo
from courtship.platforms.own_export import Exported, from_own, is_own, to_activitystreams
from courtship.times import EARLIEST, LATEST
from courtship.vocabulary import ACTIVITYSTREAMS_TYPE, KINDS

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
some = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
addresses = st.one_of(
    st.builds(
        "mastodon:{}@{}".format,
        st.text("abcXYZ_0.-", min_size=1, max_size=8),
        st.sampled_from(["a.b", "h:3"]),
    ),
    st.builds("web:{}".format, some),
    st.builds(
        "{}:{}".format, st.sampled_from(["x", "email", "test", "http", "acct", "bluesky", "urn", "a_b"]), some
    ),
).filter(is_address)
times = st.integers(EARLIEST, LATEST - 1)
maybe_words = st.none() | words
lists = st.lists(words, max_size=3).map(tuple)
records = st.one_of(
    st.builds(
        Activity,
        id=words,
        kind=st.sampled_from(KINDS),
        actor=addresses | st.just(""),
        target=addresses | st.just(""),
        at=times,
        ended=st.none() | times,
        precise=st.booleans(),
        object=maybe_words,
        in_reply_to=maybe_words,
        text=maybe_words,
        url=maybe_words,
        public=st.none() | st.booleans(),
        actor_name=maybe_words,
        target_name=maybe_words,
        actor_followers=st.none() | st.integers(0, 2**40),
    ),
    st.builds(Undo, id=words, undoes=words, at=times, platform=words, blank=st.booleans()),
    st.builds(
        Post,
        object=words,
        author=addresses,
        at=times,
        text=words,
        media=words,
        link=words,
        tags=lists,
        poll=lists,
        url=words,
        public=st.none() | st.booleans(),
    ),
    st.builds(Total, object=words, kind=st.sampled_from(KINDS), amount=st.integers(0, 2**40), at=times),
    st.builds(
        Profile,
        account=addresses,
        at=st.none() | times,
        name=words,
        handle=words,
        url=words,
        bio=words,
        followers=st.none() | st.integers(0, 2**40),
        email=words,
        links=lists,
        verified=lists,
        own=st.booleans(),
    ),
    st.builds(
        Snapshot,
        account=addresses,
        kind=st.sampled_from(KINDS),
        direction=st.sampled_from(["inbound", "outbound"]),
        members=st.lists(addresses, max_size=3).map(tuple),
        at=times,
        complete=st.booleans(),
        acts=lists,
        dates=st.lists(st.just(0) | times, max_size=3).map(tuple),
    ),
    st.builds(
        Coverage,
        account=addresses,
        kind=st.sampled_from(KINDS),
        direction=st.sampled_from(["inbound", "outbound"]),
        seen=st.sampled_from(["full", "some"]),
        start=st.none() | times,
        end=times,
    ),
    st.builds(Origin, path=words, format=words, source=words, at=st.just(0) | times),
    st.builds(
        Decision,
        verb=words,
        subject=words,
        detail=st.dictionaries(words, words | st.integers(0, 9) | st.lists(words, max_size=2), max_size=3),
        at=st.integers(0, LATEST),
        by=words,
        position=st.integers(0, 2**50),
    ),
)


@given(records)
def test_a_line_comes_back_as_the_record_it_was(record: Exported) -> None:
    line = orjson.loads(orjson.dumps(to_activitystreams(record)))
    assert is_own(line)
    assert from_own(line) == record


@given(records, st.data())
def test_a_damaged_line_is_a_value_error_or_a_record(record: Exported, data: st.DataObject) -> None:
    line: dict[str, Any] = orjson.loads(orjson.dumps(to_activitystreams(record)))
    place = line.get("courtship", line)
    name = data.draw(st.sampled_from(sorted(place)))
    place[name] = data.draw(st.sampled_from([None, 7, -1, [], {}, [1], "x", True, 1.5]))
    with suppress(ValueError):
        assert isinstance(from_own(line), (tuple, Decision))


@given(addresses)
def test_every_account_has_a_uri_that_means_it(address: str) -> None:
    assert of_uri(to_uri(address)) == address


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_activitystreams_form(kind: str) -> None:
    line = to_activitystreams(
        Activity(
            "https://a.example/1",
            kind,
            "mastodon:ann@a.example",
            "mastodon:me@b.example",
            EARLIEST,
            text="hi",
        )
    )
    assert line["type"] == ACTIVITYSTREAMS_TYPE[kind]
    assert line["actor"] == "https://a.example/users/ann"
    assert line["published"] == "1990-01-01T00:00:00Z"
    if line["type"] == "Create":
        assert line["object"]["attributedTo"] == "https://a.example/users/ann"


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("https://example.social/users/ann", "mastodon:ann@example.social"),
        ("https://Example.social/@ann", "mastodon:ann@example.social"),
        ("https://example.social/@ann/", "mastodon:ann@example.social"),
        ("https://example.social/ap/users/11", "web:example.social/ap/users/11"),
        ("https://blog.example/about", "web:blog.example/about"),
        ("https://blog.example/", "web:blog.example"),
        ("https://blog.example/?author=2", "web:blog.example?author=2"),
        ("acct:ann@Example.social", "mastodon:ann@example.social"),
        ("mailto:ann@example.org", "email:ann@example.org"),
        ("did:plc:abc", "bluesky:did:plc:abc"),
        ("x:12345", "x:12345"),
    ],
)
def test_accounts_of_uris(uri: str, address: str) -> None:
    assert of_uri(uri) == address


@pytest.mark.parametrize(
    "uri", ["", "ann", "https://", "https:///users/ann", "acct:ann", "https://[::1/users/a"]
)
def test_what_is_no_account(uri: str) -> None:
    with pytest.raises(ValueError):
        of_uri(uri)


def test_owners_that_an_address_names() -> None:
    assert owner_of_uri("https://example.social/users/ann/statuses/1") == "mastodon:ann@example.social"
    assert owner_of_uri("https://example.social/@ann/1") == "mastodon:ann@example.social"
    assert owner_of_uri("https://example.social/@ann") == ""
    assert owner_of_uri("https://blog.example/2026/hello") == ""
    assert owner_of_uri("x:1") == ""
