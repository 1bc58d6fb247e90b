"""Any CSV by a mapping: our own fixture against its golden file, what is guessed, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from courtship.errors import UnknownFormat
from courtship.model import Activity, Problem
from courtship.platforms.csv_mapping import CsvMap, guessed, parsed, person
from courtship.platforms.loose_dates import moment, order_of
from courtship.sources import registry
from courtship.sources.csv_mapped import setting_of
from courtship.sources.walk import open_tree
from courtship.testing import check_fixture, read_fixture
from courtship.times import parse_iso

FIXTURE = Path(__file__).parent / "fixtures/csv-mapped/mentions.csv"
HEADER = ["Date", "Name", "Type", "Comment", "Post, or page"]


def test_golden() -> None:
    check_fixture(FIXTURE)


def test_rows_become_acts() -> None:
    acts = [one for one in read_fixture(FIXTURE) if isinstance(one, Activity)]
    assert [(one.kind, one.actor, one.target) for one in acts] == [
        ("comment", "x:@ann_bell", "x:@mira_tea"),
        ("share", "x:@ann_bell", "x:@mira_tea"),
        ("mention", "facebook:name/bo lee", "facebook:name/mira holt"),
        ("comment", "x:@mira_tea", "x:@ann_bell"),
        ("message", "email:bo.lee@example.org", "email:mira@tearoom.example.com"),
    ]
    assert (acts[0].at, acts[0].precise) == (parse_iso("2026-03-31T14:05:00Z"), True)
    assert (acts[2].at, acts[2].precise) == (parse_iso("2026-04-02T23:59:59Z"), False), "only the day"
    assert acts[0].text == "The blue one; surely"


def test_what_cannot_be_understood_is_named_with_its_line() -> None:
    problems = [(one.where, one.reason) for one in read_fixture(FIXTURE) if isinstance(one, Problem)]
    assert [where for where, _ in problems] == ["line 7", "line 8", "line 9"]
    assert "kind.sneeze=KIND" in problems[0][1]
    assert "platform" in problems[2][1]


def test_without_a_mapping_it_is_nobody_s(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(FIXTURE.read_bytes())
    with pytest.raises(UnknownFormat):
        read_fixture(path)


def test_a_mapping_goes_before_every_other_format(tmp_path: Path) -> None:
    path = tmp_path / "acts.csv"
    path.write_text("id,kind,actor,target,at\n1,like,x:@ann,x:@me,2026-01-01T00:00:00Z\n")
    chosen = {setting_of(["id", "kind", "actor", "target", "at"]): "at=at,kind=share,actor=actor,us=x:@me"}
    for settings, format in (({}, "activities"), (chosen, "csv-mapped")):
        with open_tree(path) as tree:
            claims = registry.claims(tree, now=0, settings=settings)
            assert [claim.source.name for claim in claims] == [format]


def test_a_mapping_that_fits_no_more_is_said(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("When,Who\n2026-01-01,ann\n")
    with open_tree(path) as tree:
        (claim,) = registry.claims(tree, now=0, settings={setting_of(["When", "Who"]): "at=When"})
        (problem,) = claim.source.read(claim)
    assert isinstance(problem, Problem)
    assert "--map" in problem.reason


def test_a_mapping_as_text_and_back() -> None:
    text = "at=Date,actor=name,kind=[Comment],object=[Post, or page],platform=x,direction=in,dates=dmy"
    found = parsed(f"{text},kind.Well done=endorse", HEADER)
    assert found.columns == {"at": "Date", "actor": "Name", "kind": "Comment", "object": "Post, or page"}
    assert found.always == {"platform": "x", "direction": "in", "dates": "dmy"}
    assert found.meant == {"well-done": "endorse"}
    assert parsed(found.written(), HEADER) == found
    assert parsed("at=Date,actor=Name,kind=comment", HEADER) == CsvMap(
        {"at": "Date", "actor": "Name"}, {"kind": "comment"}
    ), "a kind, though there is a column of that name"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "says nothing of at and kind and actor"),
        ("at=Date,actor=Name", "add kind=COLUMN"),
        ("at=When,actor=Name,kind=like", "there is no column 'When'"),
        ("at=Date,actor=Name,kind=[Kind]", "there is no column"),
        ("at=Date,actor=Name,kind=like,colour=Name", "nothing to map"),
        ("at=Date,actor=Name,kind=like,kind.Yay=praise", "is no kind"),
        ("at=Date,actor=Name,kind=like,dates=ymd", "dmy"),
        ("at=Date,actor=Name,kind=like,direction=up", "in (they did it)"),
        ("at=Date,actor=Name,kind=like,us=me", "platform:id"),
        ("at=Date,actor=Name,kind=like;us", "there is no column"),
        ("at=Date, ,kind=like", "cannot be understood"),
    ],
)
def test_a_mapping_at_fault_says_what_to_write(text: str, said: str) -> None:
    with pytest.raises(ValueError) as error:
        parsed(text, HEADER)
    assert said in str(error.value)


def test_guesses_from_words_and_from_values() -> None:
    assert guessed(["Created At", "Username", "Message Type", "Message", "Link"], []) == {
        "at": "Created At",
        "actor": "Username",
        "kind": "Message Type",
        "text": "Message",
        "url": "Link",
    }
    rows = [["31.12.2026", "@ann", "Reply", "Twitter", "incoming", "https://x.com/1"]]
    assert guessed(["A", "B", "C", "D", "E", "F"], rows) == {
        "at": "A",
        "actor": "B",
        "platform": "D",
        "kind": "C",
        "direction": "E",
        "url": "F",
    }


@pytest.mark.parametrize(
    ("value", "platform", "account"),
    [
        ("x:123", "", "x:123"),
        ("@Ann", "x", "x:@ann"),
        ("12345", "x", "x:12345"),
        ("https://www.instagram.com/Ann.Bell/", "", "instagram:ann.bell"),
        ("https://de.linkedin.com/in/ann-bell?trk=x", "", "linkedin:ann-bell"),
        ("https://social.example/@Ann", "", "mastodon:ann@social.example"),
        ("https://ann.example.com/", "", "web:ann.example.com"),
        ("@ann@social.example", "", "mastodon:ann@social.example"),
        ("ann@social.example", "mastodon", "mastodon:ann@social.example"),
        ("ann", "mastodon", ""),
        ("Ann@Example.org", "facebook", "email:ann@example.org"),
        ("Ann  Bell", "linkedin", "linkedin:name/ann bell"),
        ("Ann", "facebook", "facebook:name/ann"),
        ("UCabc", "youtube", "youtube:UCabc"),
        ("ann", "", ""),
        ("", "x", ""),
    ],
)
def test_people(value: str, platform: str, account: str) -> None:
    assert person(value, platform) == account


@pytest.mark.parametrize(
    ("value", "order", "wanted", "precise"),
    [
        ("2026-03-07T10:00:00+02:00", None, "2026-03-07T08:00:00Z", True),
        ("2026-03-07 10:00", None, "2026-03-07T10:00:00Z", True),
        ("2026-03-07", None, "2026-03-07T23:59:59Z", False),
        ("07/03/2026 10:00", "dmy", "2026-03-07T10:00:00Z", True),
        ("03/07/26, 2:05 PM", "mdy", "2026-03-07T14:05:00Z", True),
        ("3/7/2026 12:05 am", "mdy", "2026-03-07T00:05:00Z", True),
        ("Mar 7, 2026", None, "2026-03-07T23:59:59Z", False),
        ("Sat, 07 Mar 2026 10:00:00 +0000", None, "2026-03-07T10:00:00Z", True),
        ("7 March 2026 10:00", None, "2026-03-07T10:00:00Z", True),
        ("1772877600", None, "2026-03-07T10:00:00Z", True),
        ("1772877600000", None, "2026-03-07T10:00:00Z", True),
    ],
)
def test_dates(value: str, order: str, wanted: str, precise: bool) -> None:
    assert moment(value, order) == (parse_iso(wanted), precise)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["", "soon", "07/03/2026", "31.02.2026", "2026-13-01", "7 Foo 2026"])
def test_no_dates(value: str) -> None:
    with pytest.raises(ValueError):
        moment(value, "dmy" if "31" in value else None)


def test_the_order_is_found_out_from_any_date_that_tells() -> None:
    assert order_of(["01/02/2026", "13/02/2026"]) == "dmy"
    assert order_of(["01/02/2026", "02/13/2026"]) == "mdy"
    assert order_of(["01/02/2026"]) is None
