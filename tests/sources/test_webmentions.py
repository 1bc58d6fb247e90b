"""Webmentions as webmention.io hands them over."""

from __future__ import annotations

from pathlib import Path

import pytest

from courtship.model import Activity
from courtship.platforms.webmention import mention, site
from courtship.testing import check_fixture, count_kinds

FIXTURE = Path(__file__).parent / "fixtures" / "webmentions" / "mentions.jf2.json"


def test_fixture() -> None:
    counts = count_kinds(check_fixture(FIXTURE))
    assert {kind: counts[kind] for kind in ("comment", "like", "quote", "share", "problem")} == {
        "comment": 1,
        "like": 1,
        "quote": 1,
        "share": 1,
        "problem": 1,
    }


def test_without_a_date_of_its_own_it_is_not_precise() -> None:
    entry = {
        "wm-property": "like-of",
        "wm-target": "https://a.example/",
        "wm-source": "https://b.example/x",
    }
    (found,) = mention({**entry, "wm-received": "2026-01-01T00:00:00Z"})
    assert isinstance(found, Activity)
    assert (found.actor, found.target, found.precise) == ("web:b.example", "web:a.example", False)
    with pytest.raises(ValueError, match="no date"):
        list(mention(entry))


@pytest.mark.parametrize(
    "address", ["", None, 7, "ftp://a.example", "https://", "https://[x", "javascript:alert(1)"]
)
def test_what_is_no_site(address: object) -> None:
    assert site(address) == ""
