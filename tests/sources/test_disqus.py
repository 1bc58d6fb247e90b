"""Disqus: comments, answers, deletions, and XML that attacks."""

from __future__ import annotations

from pathlib import Path

from courtship.model import Activity, Problem, Profile
from courtship.testing import check_fixture, count_kinds, read_fixture

FIXTURE = Path(__file__).parent / "fixtures" / "disqus" / "tearoom-2026-05-04.xml"


def test_fixture() -> None:
    records = check_fixture(FIXTURE)
    counts = count_kinds(records)
    assert (counts["comment"], counts["problem"], counts["post"]) == (4, 1, 1)
    towards = [(found.actor, found.target) for found in records if isinstance(found, Activity)]
    assert towards == [
        ("disqus:annbell", "disqus:tearoom"),
        ("disqus:thetearoom", "disqus:annbell"),
        ("disqus:tearoom/bo@example.net", "disqus:annbell"),
        ("disqus:tearoom/name/carla", "disqus:tearoom"),
    ]
    own = [found.account for found in records if isinstance(found, Profile) and found.own]
    assert own == ["disqus:tearoom", "disqus:thetearoom"]


def test_an_entity_bomb_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xml"
    text = FIXTURE.read_text()
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>\n'
    path.write_text(text.replace("<disqus ", laughs + "<disqus ", 1).replace("Lovely place", "&b;"))
    (problem,) = read_fixture(path)
    assert isinstance(problem, Problem)
    assert "defines XML entities" in problem.reason


def test_elements_nested_beyond_reason_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "deep.xml"
    path.write_text(FIXTURE.read_text().replace("<id />", "<id>" * 100_000, 1))
    *_, problem = read_fixture(path)
    assert isinstance(problem, Problem)
    assert "deeper" in problem.reason
