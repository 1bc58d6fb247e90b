"""The made-up brand in a workspace: what five sources tell, and what its owner has declared since."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from courtship import demo
from courtship.errors import NotAllowed
from courtship.model import DAY, Decision, Micros, Origin
from courtship.people.identity import person_id
from courtship.service.demo import goals as demo_goals
from courtship.service.demo import tribe as demo_tribe

if TYPE_CHECKING:
    from collections.abc import Callable

    from courtship.demo.telling import Audience
    from courtship.store.workspace import Workspace

WORKSPACE: Final = "demo"
SEED: Final = 1871
PEOPLE: Final = 2_000
ACTIVITIES: Final = 100_000

NOTES: Final = (
    "Brought a jar of starter from home in June. Ask how it fares.",
    "Allergic to sesame. The olive ring is safe, the seeded rye is not.",
    "Runs the café at the tram shed. Might take twenty loaves on Fridays.",
    "Came to the rye class twice. Would help at the next one.",
    "Moved here from abroad in spring and knows nobody yet. Say hello at the stall.",
    "Writes for the neighbourhood paper.",
    "Father is ill; a loaf is put by on Wednesdays.",
    "Prefers messages to comments.",
)
TAGS: Final = ("regular", "baker at home", "market", "café", "class")


def make_demo(
    home: Path,
    *,
    people: int = PEOPLE,
    activities: int = ACTIVITIES,
    seed: int = SEED,
    now: Micros,
    name: str = WORKSPACE,
    progress: Callable[[int], None] | None = None,
) -> Workspace:
    """The demo workspace ``name`` in ``home``: made and filled where it is not there yet.

    One that is there is left as it is. ``progress`` is called with the number of activities so far.
    Raises StoreFailure where the database cannot be written.
    """
    from courtship.store import open_workspace

    workspace = open_workspace(home, name)
    if workspace.position() == 0:
        fill(workspace, people=people, activities=activities, seed=seed, now=now, progress=progress)
    return workspace


def fill(
    workspace: Workspace,
    *,
    people: int = PEOPLE,
    activities: int = ACTIVITIES,
    seed: int = SEED,
    now: Micros,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Fills an empty workspace with the made-up brand and its audience; answers how many activities.

    Raises NotAllowed where the workspace has something already.
    """
    if workspace.position() > 0:
        raise NotAllowed("this workspace holds a brand already; make up another in a workspace of its own")
    audience = demo.audience(people=people, activities=activities, seed=seed, until=now)
    workspace.decide(*_brand(audience))
    appended = workspace.append(audience.records(), Origin("made up", "demo", at=now), progress)
    workspace.decide(*_owner(audience), *demo_goals.decisions("UTC", now))
    if people >= demo_tribe.LEAST:
        demo_tribe.add(workspace, audience)
    return appended.new


def _brand(audience: Audience) -> Iterator[Decision]:
    begin = audience.until - 730 * DAY
    yield Decision("brand.name", audience.name, at=begin)
    for account in audience.brand:
        yield Decision("brand.add", account, at=begin)


def _owner(audience: Audience) -> Iterator[Decision]:
    """What the owner has declared by now: who is one, who does not count, notes, tags, rhythms."""
    from courtship.demo import traits

    now = audience.until
    for person, how in audience.joined.items():
        if how == "by hand":
            first, *others = audience.accounts(person)
            for other in others:
                yield Decision("person.merge", first, {"other": other}, at=now - (40 + person % 200) * DAY)
    # One of the bots has not been noticed yet.
    aside = [(person, "team") for person in audience.of_temperament(traits.TEAM)]
    aside += [(person, "bot") for person in audience.of_temperament(traits.BOT)[1:]]
    for person, role in aside:
        yield Decision("person.set_aside", audience.accounts(person)[0], {"as": role}, at=now - 90 * DAY)

    known = [person_id(audience.accounts(person)[0]) for person in audience.most_talkative(60)]
    for turn, who in enumerate(known):
        if turn % 7 == 2 and turn // 7 < len(NOTES):
            yield Decision("note.add", who, {"text": NOTES[turn // 7]}, at=now - (5 + 3 * turn) * DAY)
        if turn % 3 == 0:
            yield Decision("tag.add", who, {"tag": TAGS[turn // 3 % len(TAGS)]}, at=now - (9 + turn) * DAY)
    for who in known[2:40:12]:
        detail = {"ideal_days": 21, "longest_days": 70}
        yield Decision("rhythm.set", who, detail, at=now - 60 * DAY)
