"""A workspace with a small audience, its derived tables filled by the kernel's reports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from courtship.lifecycle import policy as policies
from courtship.model import DAY, FOREVER, Activity, Coverage, Decision, Micros, Origin, Post, Record

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
    """Fills the derived tables of people as of ``now``, as far as the queue reads them."""
    import numpy as np

    from courtship.lifecycle.kernel import reckon_columns
    from courtship.people.identity import person_id
    from courtship.store import bulk
    from courtship.vocabulary import KIND_CODE, TALK

    columns = workspace.columns({})
    reports = reckon_columns(columns.columns, policies.load(None), now)
    rows = columns.columns
    talk = np.isin(rows.kind, [KIND_CODE[kind] for kind in TALK])
    people, members = [], []
    for number, earliest in enumerate(columns.earliest):
        span = slice(int(rows.start[number]), int(rows.start[number + 1]))
        contact = rows.at[span][talk[span]]
        until = int(reports.until[number])
        outbound = int(rows.outbound[span].sum())
        person = person_id(earliest)
        people.append(
            {
                "id": person,
                "name": earliest.partition(":")[2].title(),
                "handle": earliest,
                "stage": reports.policy.names[int(reports.stage[number])],
                "since": int(reports.since[number]),
                "until": None if until == FOREVER else until,
                "peak": reports.policy.names[int(reports.peak[number])],
                "certain": 1,
                "momentum": "",
                "first_at": int(rows.at[span][0]),
                "last_contact_at": int(contact.max()) if len(contact) else None,
                "inbound_count": len(rows.at[span]) - outbound,
                "outbound_count": outbound,
                "talk_count": int((talk[span] & (rows.outbound[span] == 0)).sum()),
                "answered_count": 0,
                "platforms": earliest.partition(":")[0],
                "set_aside": "",
            }
        )
        members += [(account, person) for account in columns.accounts(number)]
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute("DELETE FROM store_person")
        cursor.execute("DELETE FROM store_membership")
        if people:
            names = tuple(f'"{name}"' for name in people[0])
            bulk.insert(
                workspace.connection, "store_person", names, [tuple(person.values()) for person in people]
            )
        bulk.insert(workspace.connection, "store_membership", ("account", "person"), members)
        cursor.execute(
            "UPDATE store_state SET refreshed = %s, refreshed_at = %s", [workspace.position(), now]
        )


def person_of(name: str) -> str:
    """The id of the person whose account is ``mastodon:name``."""
    from courtship.people.identity import person_id

    return person_id(f"mastodon:{name}")
