"""What was said of a person holds after a merge, under the id that they then have, and after its undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from courtship.model import Decision
from courtship.service.people import deciding
from courtship.service.people.whose import people_now
from courtship.service.reckoning.refresh import refresh
from courtship.service.today.today import settle, today

from .audience import NOW, act, person_of, seen, tell

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


def test_after_a_merge_and_its_undo(workspace: Workspace) -> None:
    acts = [
        act("a1", "follow", "mastodon:ann", 90),
        act("b1", "comment", "mastodon:bea", 3, text="When do you open?"),
    ]
    tell(workspace, [*acts, *seen()])
    refresh(workspace, now=NOW)
    ann, bea = person_of("ann"), person_of("bea")
    deciding.tag(workspace, [bea], "regular", on=True, now=NOW)
    deciding.set_rhythm(workspace, bea, 7, 30, now=NOW)
    [task] = today(workspace, now=NOW).queue.tasks
    assert task.person == bea
    settle(workspace, task.key, "task.done", now=NOW)
    [merged] = workspace.decide(Decision("person.merge", "mastodon:ann", {"other": "mastodon:bea"}, NOW))
    refresh(workspace, now=NOW)
    assert people_now(workspace, [ann, bea, "mastodon:bea", "nobody"]) == {
        ann: ann,
        bea: ann,
        "mastodon:bea": ann,
    }
    assert deciding.tags_of(workspace) == {ann: ("regular",)}
    assert deciding.rhythms(workspace) == {ann: (7, 30)}
    assert today(workspace, now=NOW).queue.tasks == ()
    workspace.decide(Decision("undo", "", {"position": merged.position}, NOW))
    refresh(workspace, now=NOW)
    assert deciding.tags_of(workspace) == {bea: ("regular",)}
    assert deciding.rhythms(workspace) == {bea: (7, 30)}
