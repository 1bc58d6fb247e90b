"""LinkedIn exports: our own fixture against its golden file, the one made by others by its counts."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from tests.sources.shared_fixtures import shared, tally

from courtship.errors import UnknownFormat
from courtship.model import Activity, Coverage, Post, Problem, Profile
from courtship.platforms.linkedin import moment, person, post
from courtship.testing import check_fixture, read_fixture
from courtship.times import parse_iso

FIXTURE = Path(__file__).parent / "fixtures/linkedin/Complete_LinkedInDataExport_05-04-2026"
ME, ANN, BO = "linkedin:mira-holt", "linkedin:ann-bell", "linkedin:bo-lee"


@pytest.fixture(scope="module")
def acts() -> dict[str, Activity]:
    return {record.id: record for record in read_fixture(FIXTURE) if isinstance(record, Activity)}


def test_golden() -> None:
    check_fixture(FIXTURE)


def test_a_connection_stands_both_ways(acts: dict[str, Activity]) -> None:
    there, back = acts["connection:ann-bell:in"], acts["connection:ann-bell:out"]
    assert (there.kind, there.actor, there.target) == ("follow", ANN, ME)
    assert (back.kind, back.actor, back.target) == ("follow", ME, ANN)
    assert (there.at, there.precise) == (parse_iso("2026-02-08T23:59:59Z"), False), "only the day is known"


def test_endorsed_with_one_click_is_a_like_and_in_words_an_endorsement(acts: dict[str, Activity]) -> None:
    assert (acts["endorsement:in:ann-bell:Tea"].kind, acts["endorsement:in:ann-bell:Tea"].target) == (
        "like",
        ME,
    )
    praise = {a.actor: a for a in acts.values() if a.kind == "endorse" and a.target == ME}
    assert set(praise) == {ANN, "linkedin:name/sam twin"}, (
        "two connections are called Sam Twin: neither is meant"
    )
    assert praise[ANN].public
    assert not praise["linkedin:name/sam twin"].public


def test_messages(acts: dict[str, Activity]) -> None:
    two = [a for a in acts.values() if a.id.startswith("message:c1")]
    assert {(a.actor, a.target) for a in two} == {(ANN, ME), (ME, ANN)}, "and the draft is none"
    assert {a.text for a in two} == {"Do you deliver?\n\nTo the old town", "We do & gladly"}
    assert {a.target for a in acts.values() if a.id.startswith("message:c2")} == {""}, "to several"
    assert not [a for a in acts.values() if a.id.startswith("message:c3")], "an advertisement"


def test_invitations_are_their_words(acts: dict[str, Activity]) -> None:
    invited = {a.text: a for a in acts.values() if a.id.startswith("invitation:")}
    assert set(invited) == {"We met at the fair", "Your tea book is lovely"}
    assert (invited["We met at the fair"].actor, invited["We met at the fair"].precise) == (ANN, False)


def test_whose_post_it_was_only_where_its_address_says(acts: dict[str, Activity]) -> None:
    reactions = sorted((a.target, a.text) for a in acts.values() if a.id.startswith("reaction:"))
    assert reactions == [("", None), (ANN, "praise")]
    (comment,) = [a for a in acts.values() if a.kind == "comment"]
    assert (comment.target, comment.text) == ("", 'So true, "Ann"')
    (vote,) = [a for a in acts.values() if a.kind == "vote"]
    assert (vote.target, vote.text) == (BO, "Green")
    (share,) = [a for a in acts.values() if a.kind == "share"]
    assert share.object == comment.object, "one post, however its address is written"


def test_owner_posts_and_coverage() -> None:
    records = read_fixture(FIXTURE)
    (own,) = [r for r in records if isinstance(r, Profile) and r.own]
    assert (own.account, own.name, own.bio) == (ME, "Mira Holt", "Tea merchant")
    (written,) = [r for r in records if isinstance(r, Post)]
    assert (written.tags, written.link) == (("cups",), "https://tearoom.example.com/new-cups")
    shown = {(r.kind, r.direction): r for r in records if isinstance(r, Coverage)}
    assert shown["endorse", "inbound"].seen == "full"
    assert shown["follow", "inbound"].seen == "some", "followers who are no connections are not listed"
    assert ("comment", "inbound") not in shown
    assert {r.end for r in shown.values()} == {parse_iso("2026-05-04T23:59:59Z")}


def test_faults_are_problems() -> None:
    problems = [r for r in read_fixture(FIXTURE) if isinstance(r, Problem)]
    assert [p.where for p in problems] == ["line 11", "line 9"]


def test_columns_in_another_order_and_quoted(tmp_path: Path) -> None:
    shutil.copytree(FIXTURE, tmp_path / FIXTURE.name)
    path = tmp_path / FIXTURE.name / "Votes.csv"
    path.write_text(
        '\ufeff"OptionText","Link","Date"\r\n"Green",'
        '"https://www.linkedin.com/posts/bo-lee_poll-activity-7170000000000000003-AbCd",'
        '"2026-03-07 10:00:00 UTC"\r\n'
    )
    assert tally(read_fixture(tmp_path / FIXTURE.name)) == tally(read_fixture(FIXTURE))


def test_nobody_s_comments_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "Comments.csv").write_text("Date,Link,Message\n2026-01-01,x,y\n")
    with pytest.raises(UnknownFormat):
        read_fixture(tmp_path)


@pytest.mark.parametrize(
    ("text", "wanted", "precise"),
    [
        ("2026-03-07 10:00:00 UTC", "2026-03-07T10:00:00Z", True),
        ("2024/02/01 15:02:55 UTC", "2024-02-01T15:02:55Z", True),
        ("Sun Mar 08 10:00:00 UTC 2026", "2026-03-08T10:00:00Z", True),
        ("08 Feb 2026", "2026-02-08T23:59:59Z", False),
        ("1/29/26, 2:37 PM", "2026-01-29T14:37:00Z", False),
        ("1/29/26, 12:07 AM", "2026-01-29T00:07:00Z", False),
        ("1/29/2026", "2026-01-29T23:59:59Z", False),
    ],
)
def test_times_of_every_style(text: str, wanted: str, precise: bool) -> None:
    assert moment(text) == (parse_iso(wanted), precise)


@pytest.mark.parametrize("text", ["", "31 Feb 2026", "05 Jun 1833", "13/13/26, 2:37 PM", "soon"])
def test_no_times(text: str) -> None:
    assert moment(text)[0] is None


def test_small_parts() -> None:
    assert person("www.linkedin.com/in/Ann-Bell") == ANN
    assert person("https://de.linkedin.com/in/ann-bell?trk=x") == ANN
    assert person("https://www.linkedin.com/company/bell") == ""
    assert post("https://www.linkedin.com/feed/update/urn%3Ali%3Aactivity%3A7") == "urn:li:activity:7"


def test_the_export_made_by_others_is_of_the_19th_century() -> None:
    records = read_fixture(shared("linkedin") / "silkyrich+linkedin-export-viewer/fixtures/sample_export.zip")
    counts = tally(records)
    assert {key: n for key, n in counts.items() if " " in key} == {"out follow": 52}
    assert all("1990" in r.reason for r in records if isinstance(r, Problem))


def test_the_export_made_by_others_moved_to_ours(tmp_path: Path) -> None:
    theirs = shared("linkedin") / "silkyrich+linkedin-export-viewer/fixtures/sample_export"
    for path in theirs.glob("*.csv"):
        (tmp_path / path.name).write_text(re.sub(r"\b18(?=\d\d\b)", "20", path.read_text(encoding="utf-8")))
    counts = tally(read_fixture(tmp_path))
    assert counts.pop("Coverage") > 0
    assert counts == {
        "in follow": 2077,
        "out follow": 2137,
        "in like": 700,
        "out like": 1580,
        "in endorse": 27,
        "out endorse": 21,
        "in message": 42,
        "out message": 41,
        "out comment": 60,
        "out vote": 15,
        "Post": 25,
        "Profile": 2001,
    }
