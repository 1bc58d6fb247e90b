"""Google+ Takeouts from before October 2018: our own fixture, and the API's objects by others."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from tests.sources.shared_fixtures import shared, tally

from courtship.model import Activity, Total
from courtship.platforms.googleplus_older import from_api, from_page
from courtship.testing import check_fixture, read_fixture
from courtship.times import parse_iso

FIXTURE = Path(__file__).parent / "fixtures/googleplus-older/takeout-20180701T101112Z-001"


def test_golden() -> None:
    assert tally(check_fixture(FIXTURE)) == {
        "Profile": 5,
        "Post": 3,
        "Total": 2,
        "Coverage": 8,
        "Snapshot": 1,
        "Problem": 3,
        "in comment": 2,
        "in like": 3,
        "in share": 1,
        "out mention": 2,
        "out share": 1,
        "out quote": 1,
    }


def test_who_is_only_named_is_counted() -> None:
    totals = {
        (one.object.rpartition("/")[2], one.kind, one.amount)
        for one in read_fixture(FIXTURE)
        if isinstance(one, Total)
    }
    assert totals == {("H1", "like", 1), ("A1", "share", 3)}


def test_a_plus_one_has_the_id_that_it_has_in_later_takeouts() -> None:
    acts = [one for one in read_fixture(FIXTURE) if isinstance(one, Activity)]
    like = next(
        one for one in acts if one.id.startswith("like:") and one.object and one.object.endswith("/A1")
    )
    assert like.id == "like:https://plus.google.com/100000000000000000001/posts/A1:100000000000000000002"
    assert (like.at, like.precise) == (parse_iso("2018-07-01T10:11:12Z"), False)


def test_objects_of_the_api_as_others_recorded_them() -> None:
    file = shared("googleplus") / "snarfed+granary/derived/gplus_api_v1_objects.json"
    objects = orjson.loads(file.read_bytes())
    post, counted = from_api(objects["ACTIVITY_GP_EXTRAS"])
    assert post["author"]["resourceName"] == "users/444"
    assert counted == {"comment": 1, "like": 1, "share": 1}
    with pytest.raises(ValueError, match="no post"):
        from_api(objects["COMMENT_GP"])
    with pytest.raises(ValueError, match="no post"):
        from_api(objects["PLUSONER"])


@pytest.mark.parametrize("markup", ["", "<html></html>", "<a class=author>x</a>", "<div>" * 60_000])
def test_what_is_no_page_of_a_post(markup: str) -> None:
    with pytest.raises(ValueError, match="left out"):
        from_page(markup)
