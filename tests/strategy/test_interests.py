"""What a person and the brand have in common, from a workspace, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from courtship.model import DAY, Activity, Decision, Origin, Post, Profile, Record
from courtship.people.identity import person_id
from courtship.service.people import interests
from courtship.service.reckoning.refresh import refresh

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

NOW = 1_763_380_800_000_000
ME, ANN = "mastodon:kettlewick", "mastodon:ann"


def tell(workspace: Workspace, *records: Record) -> None:
    workspace.append(list(records), Origin("made", "activities", "", NOW))
    refresh(workspace, now=NOW)


def said(id: str, text: str, days: int) -> Activity:
    return Activity(id, "comment", ANN, ME, NOW - days * DAY, text=text, url=f"https://e.example/{id}")


def test_from_words_bio_and_posts(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME, {}, 0))
    tell(
        workspace,
        Profile(ME, NOW, name="Kettlewick Loaf"),
        Post("p1", ME, NOW - 9 * DAY, "Kettlewick Loaf: spelt and slow proving", tags=("StaleBread",)),
        Post("p2", "mastodon:other", NOW - 8 * DAY, "My dahlias"),
        said("a1", "Kettlewick loaf for ever. How is the spelt?", 3),
        said("a2", "Dahlias!", 2),
        Profile(ANN, NOW, bio="Eats stale bread"),
    )
    ann = person_id(ANN)
    shared = interests.of_person(workspace, ann)
    assert [topic.topic for topic in shared] == ["stale bread", "spelt"]
    assert (shared[1].said.source, shared[1].said.url) == ("a1", "https://e.example/a1")
    assert shared[1].posts == ("p1",)
    assert interests.of_people(workspace, [ann, "nobody"], until=NOW - 5 * DAY).keys() == set()


def test_new_posts_are_learned_from_and_what_is_kept_is_the_same(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME, {}, 0))
    tell(workspace, said("a1", "Is there rye?", 3))
    ann = person_id(ANN)
    assert interests.of_person(workspace, ann) == []
    tell(workspace, Post("p1", ME, NOW - DAY, "Rye on Fridays"))
    first = interests.of_person(workspace, ann)
    assert [topic.topic for topic in first] == ["rye"]
    interests._in_memory.clear()
    assert interests.of_person(workspace, ann) == first
