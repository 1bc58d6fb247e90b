"""WordPress exports: our own fixture against its golden file, those made by others by their counts."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from tests.sources.shared_fixtures import shared, tally

from courtship.model import Activity, Coverage, Post, Problem, Profile
from courtship.testing import check_fixture, read_fixture

FIXTURE = Path(__file__).parent / "fixtures/wordpress/tearoom.wordpress.2026-05-04.xml"
SITE = "wordpress:tea.example.com/blog"


@pytest.fixture(scope="module")
def acts() -> dict[str, Activity]:
    found = [record for record in read_fixture(FIXTURE) if isinstance(record, Activity)]
    return {record.id.rpartition("/")[2]: record for record in found}


def test_golden() -> None:
    check_fixture(FIXTURE)


def test_own_accounts_are_offered() -> None:
    own = {r.account for r in read_fixture(FIXTURE) if isinstance(r, Profile) and r.own}
    assert own == {SITE, f"{SITE}/mira", f"{SITE}/tom"}


def test_an_answer_is_towards_whoever_wrote_what_is_answered(acts: dict[str, Activity]) -> None:
    assert acts["11"].target == f"{SITE}/mira"
    assert (acts["12"].actor, acts["12"].target) == (f"{SITE}/mira", f"{SITE}/ann@example.org")
    assert acts["13"].target == f"{SITE}/ann@example.org", (
        "an answer to another reader is not towards the brand"
    )
    assert acts["14"].target == f"{SITE}/mira"
    assert acts["23"].target == "", "what it answers was binned: nobody can say whom it was towards"


def test_spam_trash_and_what_waits_are_no_acts(acts: dict[str, Activity]) -> None:
    assert not {"15", "16", "17"} & set(acts)


def test_pings_quote_and_the_linking_site_is_the_actor(acts: dict[str, Activity]) -> None:
    assert (acts["18"].kind, acts["18"].actor) == ("quote", f"{SITE}/web/leaves.example.com")
    assert acts["18"].actor_name is None, "the title of a page is nobody's name"
    assert acts["19"].actor == SITE, "a ping of the own site is the brand's"
    assert acts["20"].actor == f"{SITE}/web/medium.com/@eli", "many share that host"


def test_who_gave_nothing_is_nobody(acts: dict[str, Activity]) -> None:
    assert acts["22"].actor == ""
    assert acts["21"].actor == f"{SITE}/name/fay"


def test_a_date_without_zone_is_not_precise(acts: dict[str, Activity]) -> None:
    assert not acts["21"].precise
    assert acts["11"].precise


def test_reviews(acts: dict[str, Activity]) -> None:
    assert acts["31"].kind == "endorse", "five of five stars"
    assert acts["32"].kind == "comment", "two of five stars recommend nothing"


def test_posts_are_what_was_published() -> None:
    posts = {r.object.rsplit("/", 2)[1]: r for r in read_fixture(FIXTURE) if isinstance(r, Post)}
    assert set(posts) == {"new-cups", "about", "oolong", "friends"}
    assert posts["new-cups"].text == "New cups\n\nThey came today.\n]]> end"
    assert posts["new-cups"].tags == ("News", "Cups & bowls")
    assert posts["new-cups"].link == "https://potter.example.net/"
    assert not posts["friends"].public


def test_coverage_ends_with_the_export() -> None:
    found = [r for r in read_fixture(FIXTURE) if isinstance(r, Coverage)]
    assert {r.end for r in found} == {1_777_874_828_000_000}
    assert {(r.kind, r.direction, r.seen) for r in found} >= {
        ("comment", "inbound", "full"),
        ("comment", "outbound", "full"),
        ("quote", "inbound", "some"),
    }
    assert not any(r.kind in {"follow", "message", "view"} for r in found), "a blog's export shows none"


def test_entities_are_refused(tmp_path: Path) -> None:
    head = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    bomb = tmp_path / "bomb.xml"
    bomb.write_text(head + FIXTURE.read_text().split("?>", 1)[1].replace("New cups", "&b;"))
    (problem,) = [r for r in read_fixture(bomb) if isinstance(r, Problem)]
    assert "entities" in problem.reason
    assert not any(isinstance(r, Activity) for r in read_fixture(bomb))


def test_control_characters_do_no_harm(tmp_path: Path) -> None:
    dirty = tmp_path / "dirty.xml"
    dirty.write_bytes(FIXTURE.read_bytes().replace(b"Lovely!", b"Lovely\x08\x0b!"))
    assert [r for r in read_fixture(dirty) if isinstance(r, Activity)] == [
        r for r in read_fixture(FIXTURE) if isinstance(r, Activity)
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_other_encodings(tmp_path: Path, encoding: str) -> None:
    other = tmp_path / "other.xml"
    other.write_bytes(FIXTURE.read_text().encode(encoding))
    assert tally(read_fixture(other)) == tally(read_fixture(FIXTURE))


def test_cut_short_tells_a_beginning(tmp_path: Path) -> None:
    whole = FIXTURE.read_bytes()
    everything = {r for r in read_fixture(FIXTURE) if isinstance(r, Activity)}
    cut = tmp_path / "cut.xml"
    for part in range(1, 20):
        cut.write_bytes(whole[: len(whole) * part // 20])
        records = read_fixture(cut)
        assert {r for r in records if isinstance(r, Activity)} <= everything
        assert any(isinstance(r, Problem) and "cut short" in r.reason for r in records)


def test_memory_does_not_grow_with_the_export(tmp_path: Path) -> None:
    text = FIXTURE.read_text()
    start, end = text.index("    <item>"), text.index("  </channel>")

    def peak(copies: int) -> int:
        path = tmp_path / f"{copies}.xml"
        with path.open("w") as out:
            out.write(text[:start])
            for number in range(copies):
                out.write(text[start:end].replace("<wp:comment_id>", f"<wp:comment_id>{number}"))
            out.write(text[end:])
        from courtship.sources import registry
        from courtship.sources.walk import open_tree

        with open_tree(path) as tree:
            (claim,) = registry.claims(tree, now=0)
            tracemalloc.start()
            assert sum(isinstance(r, Activity) for r in claim.source.read(claim)) == copies * 15
            used = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return used

    small, large = peak(50), peak(500)
    assert large < small * 1.5 + 2_000_000


THEIRS = {
    "phpunit/data/a11y-unit-test-data.xml": {
        "in comment": 15,
        "other comment": 9,
        "in quote": 4,
        "Problem": 1,
    },
    "phpunit/data/crazy-cdata-escaped.xml": {},
    "phpunit/data/crazy-cdata.xml": {"Problem": 1},
    "phpunit/data/malformed-simple.xml": {"Problem": 1},
    "phpunit/data/malformed.xml": {"Problem": 1},
    "phpunit/data/missing-version-tag.xml": {},
    "phpunit/data/namespace-edge-cases.xml": {},
    "phpunit/data/slashes.xml": {"in comment": 1},
    "phpunit/data/small-export.xml": {"in comment": 1},
    "phpunit/data/test-serialized-comment-meta.xml": {"in comment": 1},
    "phpunit/data/theme-unit-test-data.xml": {
        "in comment": 15,
        "out comment": 2,
        "own comment": 3,
        "other comment": 6,
        "in quote": 4,
    },
    "phpunit/data/valid-wxr-1.0.xml": {"in comment": 1},
    "phpunit/data/valid-wxr-1.1.xml": {"in comment": 1},
    "phpunit/data/wxr-utf-8-challenges.xml": {},
    "phpunit/data/wxr-with-sub-data.xml": {"Problem": 1},
    "e2e/fixtures/wxr-comprehensive.xml": {"in comment": 1},
    "e2e/fixtures/wxr-simple.xml": {},
}
"""Activities and problems of every export in WordPress's own importer's tests. The theme test data has 33
comments, of which 3 wait for moderation."""


@pytest.mark.parametrize("name", THEIRS)
def test_exports_made_by_others(name: str) -> None:
    records = read_fixture(shared("blog") / "WordPress+wordpress-importer" / name)
    counts = tally(records)
    assert {key: n for key, n in counts.items() if " " in key or key == "Problem"} == THEIRS[name]


def test_no_export_of_others_is_left_out() -> None:
    folder = shared("blog") / "WordPress+wordpress-importer"
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.xml")} == set(THEIRS)
