"""What people and the brand have in common, for a person's page and for a newcomer's welcome."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import orjson

from courtship.model import Address, Micros
from courtship.store.derived import cues as table
from courtship.strategy.topics import Shared, Text, Topics, shared_topics, topics_of

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

KEPT = "topics"
NEWEST_POSTS = 2_000
"""The brand's topics are those of its newest posts: what it wrote about years ago may be its no more."""
_in_memory: dict[tuple[str, str], tuple[str, Topics]] = {}


def of_person(workspace: Workspace, person: str, most: int = 5) -> list[Shared]:
    """What a person (by id) has in common with the brand, best first."""
    return of_people(workspace, [person], most=most).get(person, [])


def of_people(
    workspace: Workspace, people: Collection[str], *, most: int = 5, until: Micros | None = None
) -> dict[str, list[Shared]]:
    """The same of several people; those with nothing in common are left out. ``until``: what they said by
    then."""
    brand = brand_topics(workspace)
    if not brand.used:
        return {}
    accounts = table.accounts_of(workspace, people)
    texts = _texts(workspace, accounts, until)
    found = {person: shared_topics(texts[person], brand, most) for person in accounts}
    return {person: shared for person, shared in found.items() if shared}


def brand_topics(workspace: Workspace) -> Topics:
    """What the brand posts about; kept until posts or the brand's accounts change."""
    brand = workspace.brand()
    stamp = table.posts_stamp(workspace) + ":" + ",".join(sorted(brand))
    key = (str(workspace.home), workspace.name)
    held = _in_memory.get(key)
    if held is not None and held[0] == stamp:
        return held[1]
    kept = table.kept(workspace, KEPT)
    if kept is not None and kept[0] == stamp:
        topics = _from_json(kept[1])
    else:
        topics = _reckoned(workspace, brand)
        table.keep(workspace, KEPT, stamp, _to_json(topics))
    _in_memory[key] = (stamp, topics)
    return topics


def _reckoned(workspace: Workspace, brand: Collection[Address]) -> Topics:
    posts = workspace.posts(brand)[-NEWEST_POSTS:]
    texts = [
        Text(post.object, "\n".join((post.text, *(f"#{tag}" for tag in post.tags), *post.poll)), post.at)
        for post in posts
        if post.text or post.tags or post.poll
    ]
    names = [profile.name for profile in workspace.profiles(brand)] + [
        account.partition(":")[2].partition("@")[0] for account in brand
    ]
    return topics_of(texts, {word for name in names for word in name.split()})


def _texts(
    workspace: Workspace, accounts: Mapping[str, list[Address]], until: Micros | None
) -> dict[str, list[Text]]:
    """What each person says of themselves, and said to the brand."""
    person_of = {account: person for person, held in accounts.items() for account in held}
    texts: dict[str, list[Text]] = {person: [] for person in accounts}
    for said in table.words_of(workspace, person_of):
        if until is None or said.at <= until:
            texts[person_of[said.account]].append(Text(said.activity, said.text, said.at, said.url))
    for profile in workspace.profiles(list(person_of)):
        if profile.bio and (until is None or (profile.at or 0) <= until):
            texts[person_of[profile.account]].append(Text("bio", profile.bio, profile.at or 0, profile.url))
    return texts


def _to_json(topics: Topics) -> str:
    return orjson.dumps(
        [topics.posts, topics.used, topics.written, sorted(topics.stop), topics.sources]
    ).decode()


def _from_json(body: str) -> Topics:
    posts, used, written, stop, sources = orjson.loads(body)
    return Topics(
        posts,
        {term: tuple(numbers) for term, numbers in used.items()},
        written,
        frozenset(stop),
        tuple(sources),
    )
