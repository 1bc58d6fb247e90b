"""Made-up inputs for the queue: one reading of small numbers as people, acts and decisions."""

from __future__ import annotations

import random
from typing import Any

from courtship.model import DAY, Micros
from courtship.plan.inputs import (
    Ending,
    Inputs,
    Newcomer,
    PersonRow,
    Rhythm,
    Share,
    Step,
    Talk,
)

NOW: Micros = 1_763_380_800_000_000  # 2025-11-17T12:00:00Z, a Monday
STAGES = ("aware", "like", "know", "trust", "parted")


def made(seed: int, people: int = 25) -> Inputs:
    """A whole audience drawn from ``seed``: some wait, some shared, some are new, some have gone quiet."""
    draw = random.Random(seed)
    rows: dict[str, PersonRow] = {}
    talks: list[Talk] = []
    shares: list[Share] = []
    newcomers: list[Newcomer] = []
    steps: list[Step] = []

    def before(days: int) -> Micros:
        return NOW - draw.randrange(days * DAY)

    for number in range(people):
        person = f"p{number:03d}"
        stage = draw.choice(STAGES)
        contact = before(300) if draw.random() < 0.7 else None
        rows[person] = PersonRow(
            person=person,
            name=f"Person {number}",
            stage=stage,
            since=before(200),
            until=NOW + draw.randrange(1, 90 * DAY) if draw.random() < 0.5 else None,
            first_at=before(600),
            momentum=draw.choice(("warming", "steady", "cooling", "quiet", "")),
            last_contact_at=contact,
            covered_until=draw.choice((None, NOW, NOW - 3 * DAY, NOW - 100 * DAY)),
            usual_gap=draw.choice((None, 2 * DAY, 20 * DAY)),
            talked=draw.randrange(4),
            answered=draw.choice((0, 0, 2)),
            tags=("regular",) if draw.random() < 0.2 else (),
            platform="mastodon",
        )
        talks.extend(
            Talk(
                activity=f"t{number}-{index}",
                person=person,
                kind=draw.choice(("comment", "mention", "message")),
                at=before(80),
                text=draw.choice(("When do you open?", "Lovely crumb.", "")),
                platform="mastodon",
                answers_seen_until=draw.choice((NOW, NOW - 10 * DAY, None)),
            )
            for index in range(draw.choice((0, 0, 1, 3)))
        )
        if draw.random() < 0.2:
            kind = draw.choice(("share", "quote", "endorse"))
            shares.append(Share(f"s{number}", person, kind, before(40), followers=draw.choice((None, 412))))
        if draw.random() < 0.2:
            newcomers.append(Newcomer(person, f"n{number}", "follow", before(20), shared=("rye",)))
        if draw.random() < 0.3:
            said = (Talk(f"e{number}", person, "comment", before(90), "It lives!"),)
            steps.append(
                Step(person, "know", "outbound", ("comment",), 0, 1, draw.choice(("full", "none")), said)
            )
        elif draw.random() < 0.3:
            steps.append(Step(person, "trust", "inbound", ("share", "quote", "endorse"), 0, 1, "some"))
    return Inputs(
        people=rows,
        talks=tuple(talks),
        shares=tuple(shares),
        newcomers=tuple(newcomers),
        steps=tuple(steps),
        endings=(
            Ending("mastodon", NOW - draw.randrange(40 * DAY), people),
            Ending("instagram", NOW - draw.randrange(90 * DAY), people // 2),
        ),
        rhythm_of_tag={"regular": Rhythm(14, 40)},
        rhythm_of_person={"p001": Rhythm(7, 21)},
    )


def shuffled(inputs: Inputs, seed: int) -> Inputs:
    """The same, every list and mapping in another order."""
    draw = random.Random(seed)

    def mixed(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(draw.sample(items, len(items)))

    return Inputs(
        ladder=inputs.ladder,
        people=dict(mixed(tuple(inputs.people.items()))),
        talks=mixed(inputs.talks),
        shares=mixed(inputs.shares),
        newcomers=mixed(inputs.newcomers),
        steps=mixed(inputs.steps),
        endings=mixed(inputs.endings),
        rhythm_of_person=dict(mixed(tuple(inputs.rhythm_of_person.items()))),
        rhythm_of_tag=inputs.rhythm_of_tag,
        decisions=mixed(inputs.decisions),
        timezone=inputs.timezone,
    )
