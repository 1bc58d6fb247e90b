"""Mastodon archives: our own fixture against its golden file, in every container, and others' CSVs."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from pathlib import Path

import orjson
import pytest
from tests.sources.shared_fixtures import shared, tally

from courtship.errors import UnknownFormat
from courtship.model import Activity, Coverage, Post, Problem, Profile, Snapshot, Total
from courtship.platforms.mastodon import Archive, account, account_at, archive_date
from courtship.testing import check_fixture, read_fixture
from courtship.times import parse_iso

FIXTURES = Path(__file__).parent / "fixtures/mastodon"
FIXTURE = FIXTURES / "archive-20260504060708-0a1b2c"
ME = "mastodon:tearoom@tea.example"
ANN = "mastodon:ann@cafe.example"
MADE = parse_iso("2026-05-04T06:07:08Z")


@pytest.fixture(scope="module")
def acts() -> dict[str, Activity]:
    found = [record for record in read_fixture(FIXTURE) if isinstance(record, Activity)]
    return {record.id.removeprefix("https://tea.example/users/tearoom/statuses/"): record for record in found}


def test_golden() -> None:
    check_fixture(FIXTURE)


@pytest.mark.parametrize("container", ["zip", "tar.gz", "nested zip"])
def test_every_container_tells_the_same(tmp_path: Path, container: str) -> None:
    path = tmp_path / f"{FIXTURE.name}.{container.split()[-1]}"
    if container == "tar.gz":
        with tarfile.open(path, "w:gz") as archive:
            archive.add(FIXTURE, arcname="")
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as pack:
            for file in sorted(FIXTURE.iterdir()):
                pack.write(file, f"{'deeper/' if 'nested' in container else ''}{file.name}")

    def facts(place: Path) -> set[str]:
        return {repr(r) for r in read_fixture(place) if not isinstance(r, Problem)}

    assert facts(path) == facts(FIXTURE)


def test_one_post_may_be_towards_several(acts: dict[str, Activity]) -> None:
    assert (acts["1003"].kind, acts["1003"].target) == ("comment", ANN)
    second = acts["1003#bo@tea.example"]
    assert (second.kind, second.target) == ("mention", "mastodon:bo@tea.example")


def test_the_owner_of_what_is_answered(acts: dict[str, Activity]) -> None:
    assert acts["1002"].target == ANN
    assert acts["1004"].target == "mastodon:cy@big.example", "a numbered address, but mentioned with its name"
    assert acts["1005"].target == "", "nothing says whose it is"
    assert "1008" not in acts, "an answer to oneself is a post, and no act"
    assert any(isinstance(r, Post) and r.object.endswith("/1008") for r in read_fixture(FIXTURE))


def test_messages_go_to_one_alone(acts: dict[str, Activity]) -> None:
    assert (acts["1006"].kind, acts["1006"].public) == ("message", False)
    assert (acts["1007"].kind, acts["1007#bo@tea.example"].kind) == ("mention", "mention")
    objects = {r.object for r in read_fixture(FIXTURE) if isinstance(r, Post)}
    assert not any(name.endswith(("/1006", "/1007")) for name in objects), "what is private is not content"


def test_favourites_are_as_of_the_archive_and_not_precise(acts: dict[str, Activity]) -> None:
    liked = acts["like:https://cafe.example/users/ann/statuses/555"]
    assert (liked.at, liked.precise, liked.target) == (MADE, False, ANN)
    assert acts["like:https://big.example/ap/users/778/statuses/999"].target == ""


def test_boosts(acts: dict[str, Activity]) -> None:
    assert (acts["2001/activity"].kind, acts["2001/activity"].target) == ("share", ANN)
    assert acts["2002/activity"].target == ME
    assert acts["2003/activity"].target == ""


def test_owner_totals_lists_and_coverage() -> None:
    records = read_fixture(FIXTURE)
    (owner,) = [r for r in records if isinstance(r, Profile)]
    assert (owner.account, owner.own, owner.links) == (ME, True, ("https://tearoom.example.com",))
    assert {(r.kind, r.amount) for r in records if isinstance(r, Total)} == {
        ("like", 7),
        ("share", 2),
        ("vote", 7),
    }
    lists = {r.kind: r for r in records if isinstance(r, Snapshot)}
    assert lists["follow"].members == (ANN, "mastodon:bo@tea.example")
    assert lists["block"].members == ("mastodon:rude@elsewhere.example",)
    assert {r.at for r in lists.values()} == {MADE}
    shown = {(r.kind, r.direction) for r in records if isinstance(r, Coverage)}
    assert not any(direction == "inbound" for _, direction in shown), (
        "an archive holds nothing that others did"
    )
    assert ("comment", "outbound") in shown


def test_damaged_items_are_problems_and_the_rest_goes_on() -> None:
    problems = [r for r in read_fixture(FIXTURE) if isinstance(r, Problem)]
    assert [p.where for p in problems] == ["item 16", "item 17"]


def test_without_actor_the_posts_say_whose_they_are() -> None:
    records = read_fixture(FIXTURES / "no-actor")
    assert tally(records)["out comment"] == 1
    assert [r.account for r in records if isinstance(r, Profile)] == [ME]


def test_the_next_archive_tells_of_the_same_favourites(tmp_path: Path) -> None:
    later = tmp_path / "archive-20270101000000-ffff"
    shutil.copytree(FIXTURE, later)
    ids = {r.id for r in read_fixture(later) if isinstance(r, Activity)}
    assert ids == {r.id for r in read_fixture(FIXTURE) if isinstance(r, Activity)}


def test_large_outboxes_stream(tmp_path: Path) -> None:
    folder = tmp_path / FIXTURE.name
    shutil.copytree(FIXTURE, folder)
    outbox = orjson.loads((FIXTURE / "outbox.json").read_bytes())
    padding = "x" * 20_000
    with (folder / "outbox.json").open("wb") as out:
        out.write(b'{"@context":[],"type":"OrderedCollection","orderedItems":[')
        for number in range(600):
            item = dict(outbox["orderedItems"][1])
            item["object"] = {**item["object"], "id": f"{item['object']['id']}{number}", "padding": padding}
            out.write((b"," if number else b"") + orjson.dumps(item))
        out.write(b"]}")
    assert (folder / "outbox.json").stat().st_size > 12_000_000
    assert tally(read_fixture(folder))["out comment"] == 600


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("https://cafe.example/users/Ann/statuses/5", ANN),
        ("https://cafe.example/@ann/5", ANN),
        ("https://cafe.example/@ann", ANN),
        ("https://cafe.example/ap/users/778/statuses/5", ""),
        ("https://cafe.example/objects/5", ""),
        ("not an address", ""),
        ("https://[broken", ""),
    ],
)
def test_account_at(address: str, wanted: str) -> None:
    assert account_at(address) == wanted


def test_small_parts() -> None:
    assert account("@Ann@Cafe.example") == ANN
    assert account("ann") == ""
    assert archive_date("archive-20260504060708-0a1b2c.zip") == MADE
    assert archive_date("outbox.json") is None
    numbered = Archive({"id": "https://tea.example/ap/users/7", "preferredUsername": "tearoom"}, MADE)
    assert numbered.account == ME


THEIRS = {
    "following_accounts.csv": ("mastodon:user@example.com", "mastodon:user@test.com"),
    "lists.csv": None,
    "muted_accounts.csv": None,
}


@pytest.mark.parametrize("name", THEIRS)
def test_lists_made_by_others(name: str) -> None:
    records = read_fixture(shared("mastodon") / "mastodon+mastodon/spec/fixtures/files" / name)
    members = THEIRS[name]
    assert [r.members for r in records if isinstance(r, Snapshot)] == ([members] if members else [])
    assert not any(isinstance(r, Problem) for r in records)


def test_recordings_of_the_api_are_no_archive() -> None:
    cassettes = sorted((shared("mastodon") / "halcy+Mastodon.py/tests/cassettes").glob("*.yaml"))
    assert cassettes
    for cassette in cassettes:
        with pytest.raises(UnknownFormat):
            read_fixture(cassette)
