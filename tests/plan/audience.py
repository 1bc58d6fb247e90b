"""A workspace with a small audience, its derived tables filled by the kernel's reports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from courtship.model import DAY, Activity, Coverage, Decision, Micros, Origin, Post, Record

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

NOW: Micros = 1_763_380_800_000_000  # 2025-11-17T12:00:00Z
ME = "mastodon:me"
TALKS = ("comment", "mention", "message", "share", "quote", "endorse", "like", "follow")


def act(
    id: str,
    kind: str,
    actor: str,
    days: float,
    *,
    target: str = ME,
    text: str = "",
    object: str | None = None,
) -> Activity:
    """An activity ``days`` before NOW, towards the brand unless ``target`` says otherwise."""
    at = NOW - int(days * DAY)
    name = actor.partition(":")[2].title()
    return Activity(
        id, kind, actor, target, at, object=object, text=text, actor_name=name, url=f"https://e.example/{id}"
    )


def seen(platform: str = "mastodon", end: Micros = NOW, *, outbound: bool = True) -> list[Coverage]:
    """Everything is seen of the platform up to ``end``."""
    directions = ("inbound", "outbound") if outbound else ("inbound",)
    return [
        Coverage(f"{platform}:*", kind, direction, "full", None, end)  # type: ignore[arg-type]
        for kind in TALKS
        for direction in directions
    ]


def tell(workspace: Workspace, records: Iterable[Record]) -> None:
    """Appends records; the brand is ME."""
    if not workspace.brand():
        workspace.decide(Decision("brand.add", ME, {}, 0))
    workspace.append(records, Origin("made.jsonl", "activities", "", NOW))


def post(object: str, text: str, days: float) -> Post:
    """A post of the brand's, ``days`` before NOW."""
    return Post(object, ME, NOW - int(days * DAY), text, url=f"https://me.example/{object}")


def settled(workspace: Workspace, now: Micros = NOW) -> None:
    """Brings the derived tables up to the log as of ``now``."""
    from courtship.service.reckoning.refresh import refresh

    refresh(workspace, now=now)


def person_of(name: str) -> str:
    """The id of the person whose account is ``mastodon:name``."""
    from courtship.people.identity import person_id

    return person_id(f"mastodon:{name}")
