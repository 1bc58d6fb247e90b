"""The table of cues, mended step by step, is what finding everybody's anew would make it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from courtship.model import Decision
from courtship.people.identity import person_id
from courtship.service.reckoning import cueing
from courtship.service.reckoning.refresh import people_columns, refresh
from courtship.service.reckoning.standing import standing
from courtship.store.derived import cues as table

from .audience import ME, NOW, act, seen, tell

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

KINDS = ("comment", "message", "share", "like", "follow", "endorse")


def anew(workspace: Workspace, aside: set[str]) -> list[table.Cue]:
    columns = people_columns(workspace)
    policy = standing(workspace).policy
    persons = [person_id(address) for address in columns.earliest]
    reports = cueing.reckon(columns, policy, NOW)
    return sorted(cueing.find(columns, persons, reports, NOW, leave_out=aside))


@pytest.mark.parametrize("seed", range(4))
def test_mended_is_whole(workspace: Workspace, seed: int) -> None:
    draw = random.Random(seed)
    names = [f"p{number}" for number in range(8)]
    tell(workspace, seen())
    refresh(workspace, now=NOW)
    count = most = 0
    for _ in range(12):
        match draw.randrange(8):
            case 0:
                a, b = draw.sample(names, 2)
                workspace.decide(Decision("person.merge", f"mastodon:{a}", {"other": f"mastodon:{b}"}, NOW))
            case 1:
                name = draw.choice(names)
                workspace.decide(Decision("person.set_aside", f"mastodon:{name}", {"as": "team"}, NOW))
            case 2:
                workspace.decide(Decision("person.split", f"mastodon:{draw.choice(names)}", {}, NOW))
            case _:
                acts = []
                for _ in range(4):
                    count += 1
                    them, ours = f"mastodon:{draw.choice(names)}", draw.random() < 0.3
                    sides = (ME, them) if ours else (them, ME)
                    kind, days = draw.choice(KINDS), draw.randrange(300) + 0.5
                    acts.append(act(f"a{count}", kind, sides[0], days, target=sides[1], text="Why?"))
                tell(workspace, acts)
        refresh(workspace, now=NOW)
        with workspace.connection.cursor() as cursor:
            cursor.execute("SELECT id FROM store_person WHERE set_aside <> ''")
            aside = {person for (person,) in cursor.fetchall()}
        kept = table.everything(workspace)
        assert kept == anew(workspace, aside)
        most = max(most, len(kept))
    assert most > 4
