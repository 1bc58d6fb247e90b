"""RSS and Atom: comments and posts; others' test feeds without a crash."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from courtship.errors import CourtshipError
from courtship.model import Activity, Post
from courtship.sources.conformance import assert_sound
from courtship.testing import check_fixture, count_kinds, read_fixture

HERE = Path(__file__).parent
FIXTURES = HERE / "fixtures" / "feed"
SHARED = Path(os.environ.get("COURTSHIP_SHARED", HERE.parents[2] / "shared")) / "fixtures" / "blog"


def test_rss() -> None:
    records = check_fixture(FIXTURES / "comments.rss.xml")
    assert {"comment": 2, "post": 1, "problem": 1}.items() <= count_kinds(records).items()
    actors = [found.actor for found in records if isinstance(found, Activity)]
    assert actors == ["web:tearoom.example/name/ann bell", ""]


def test_atom() -> None:
    records = check_fixture(FIXTURES / "comments.atom")
    towards = [(found.actor, found.target) for found in records if isinstance(found, Activity)]
    assert towards == [
        ("web:carla.example", "web:blog.example"),
        ("web:blog.example/dan@example.net", "web:carla.example"),
    ]


def test_others_feeds_are_read_without_a_crash() -> None:
    feeds = sorted((SHARED / "kurtmckee+feedparser").rglob("*.xml"))
    if not feeds:
        pytest.skip("others' feeds are not here (COURTSHIP_SHARED)")
    read = told = 0
    for path in feeds:
        try:
            records = read_fixture(path)
        except CourtshipError:
            continue
        read += 1
        told += sum(isinstance(record, (Activity, Post)) for record in records)
        for record in records:
            assert_sound(record)
    assert read
    assert told
