"""The queue of a workspace, on both databases: from the log to the words, and the owner's word on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from courtship.errors import NotAllowed
from courtship.model import DAY, Decision, Profile
from courtship.plan.queue import queue
from courtship.plan.task import Task
from courtship.service.reckoning.refresh import fresh
from courtship.service.today import today as service
from courtship.service.today.today import as_json, settle, today
from courtship.store.derived.cues import people_stamp

from .audience import ME, NOW, act, person_of, post, seen, settled, tell

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


def kept_waiting(workspace: Workspace) -> None:
    """Ann is known and asked something; Bob shared; Cat is new; Dan spoke often and got no word."""
    posts = [
        post("p1", "Slow proving for our rye\nMore below", 40),
        post("p2", "Rye again: slow proving", 20),
        post("p3", "Saturday market", 10),
    ]
    acts = [
        act("a1", "comment", "mastodon:ann", 60, text="Good."),
        act("a2", "share", "mastodon:ann", 50, text="Look"),
        act("a3", "comment", "mastodon:ann", 49, text="Still good."),
        act("a4", "comment", ME, 48, target="mastodon:ann", text="Thank you"),
        act("a5", "comment", "mastodon:ann", 2, text="Does the rye keep?", object="p1"),
        act("b1", "share", "mastodon:bob", 1, text="Start here", object="p2"),
        act("c1", "follow", "mastodon:cat", 1),
        act("d1", "comment", "mastodon:dan", 30, text="It lives!"),
        act("d2", "comment", "mastodon:dan", 20, text="It grows."),
        act("d3", "mention", "mastodon:dan", 10, text="Look at this"),
    ]
    bio = [profile("mastodon:cat", "I bake rye, slow proving and all")]
    tell(workspace, [*posts, *acts, *bio, *seen()])
    settled(workspace)


def profile(account: str, bio: str) -> Profile:
    return Profile(account, NOW, bio=bio, url=f"https://p.example/{account}")


def lines(workspace: Workspace, now: int = NOW, at: int | None = None) -> list[str]:
    return [task.line for task in today(workspace, now=now, at=at).queue.tasks]


EXPECTED = [
    "Answer Ann: a question on your post “Slow proving for our rye” on Mastodon, waiting 2 days",
    "Thank Bob: shared your post “Rye again: slow proving” on Mastodon yesterday",
    "Welcome Cat: followed you on Mastodon yesterday. You both write about slow proving and rye",
    "Write back to Dan: spoke to you 3 times, last 10 days ago, and no word from you yet. "
    "One answer and you know each other",
]


def test_from_the_log_to_the_words(workspace: Workspace) -> None:
    kept_waiting(workspace)
    assert lines(workspace) == EXPECTED
    tasks = {task.person: task for task in today(workspace, now=NOW).queue.tasks}
    ann, cat, dan = (tasks[person_of(name)] for name in ("ann", "cat", "dan"))
    assert as_json(ann)["due"] == "2025-11-16T12:00:00Z"
    assert as_json(ann)["evidence"] == [
        {
            "activity": "a5",
            "kind": "comment",
            "at": "2025-11-15T12:00:00Z",
            "text": "Does the rye keep?",
            "url": "https://e.example/a5",
        }
    ]
    assert ann.link == "https://e.example/a5"
    assert cat.link == "https://p.example/mastodon:cat"
    assert [e.activity for e in dan.evidence] == ["d3", "d2", "d1"]
    assert {"action", "person", "reason", "evidence", "due"} <= set(as_json(dan))


def test_as_of_a_moment_is_the_same_as_it_was_then(workspace: Workspace) -> None:
    kept_waiting(workspace)
    assert lines(workspace, at=NOW) == EXPECTED
    assert lines(workspace, at=NOW - 59 * DAY) == [
        "Answer Ann: a comment on your post on Mastodon, waiting 24 hours"
    ]
    assert lines(workspace, at=NOW - 61 * DAY) == []


def test_done_stays_done_and_undo_brings_it_back(workspace: Workspace) -> None:
    kept_waiting(workspace)
    first = today(workspace, now=NOW).queue.tasks[0]
    name, [decided] = settle(workspace, first.key, "task.done", now=NOW)
    assert (name, decided.subject) == ("Ann", first.key)
    assert lines(workspace)[0].startswith("Thank Bob")
    told = today(workspace, now=NOW)
    assert [(done.said, done.name, done.how) for done in told.done] == [("Answered", "Ann", "")]
    with pytest.raises(NotAllowed):
        settle(workspace, first.key, "task.done", now=NOW)
    with pytest.raises(NotAllowed):
        settle(workspace, first.key, "task.undone", now=NOW)
    workspace.decide(Decision("undo", "", {"position": decided.position}, NOW))
    assert lines(workspace) == EXPECTED


def test_a_word_on_a_task_leaves_what_is_kept_of_people(workspace: Workspace) -> None:
    kept_waiting(workspace)
    stamp = people_stamp(workspace)
    settle(workspace, today(workspace, now=NOW).queue.tasks[0].key, "task.done", now=NOW)
    fresh(workspace, now=NOW)
    assert people_stamp(workspace) == stamp
    tell(workspace, [act("b9", "like", "mastodon:bob", 0.1)])
    fresh(workspace, now=NOW)
    assert people_stamp(workspace) != stamp


def test_later_comes_back_in_the_morning(workspace: Workspace) -> None:
    kept_waiting(workspace)
    bob = next(task for task in today(workspace, now=NOW).queue.tasks if task.action == "thank")
    _, [decided] = settle(workspace, bob.key, "task.snooze", now=NOW)
    assert decided.detail["until"] == NOW + 17 * DAY // 24
    assert not [line for line in lines(workspace) if "Bob" in line]
    assert [line for line in lines(workspace, now=NOW + DAY) if "Bob" in line]


def test_an_answer_that_is_heard_of_ends_the_wait(workspace: Workspace) -> None:
    kept_waiting(workspace)
    tell(workspace, [act("a6", "like", ME, 0.5, target="mastodon:ann")])
    settled(workspace)
    assert not [line for line in lines(workspace) if "Ann" in line]


def test_settings_are_the_owners(workspace: Workspace) -> None:
    kept_waiting(workspace)
    workspace.decide(Decision("setting.set", "today.limit", {"value": 2}, NOW))
    told = today(workspace, now=NOW)
    assert (len(told.queue.tasks), told.queue.more, told.settings.limit) == (2, 2, 2)


def test_rhythms_by_person_and_tag(workspace: Workspace) -> None:
    kept_waiting(workspace)
    ann, bob = person_of("ann"), person_of("bob")
    tell(workspace, [act("a6", "like", ME, 0.5, target="mastodon:ann")])
    tell(workspace, [act("b2", "comment", ME, 0.5, target="mastodon:bob")])
    settled(workspace)
    workspace.decide(
        Decision("rhythm.set", "tag:regular", {"ideal_days": 1, "longest_days": 3}, NOW),
        Decision("tag.add", ann, {"tag": "regular"}, NOW),
        Decision("tag.add", bob, {"tag": "regular"}, NOW),
        Decision("tag.remove", bob, {"tag": "regular"}, NOW),
    )
    assert [line for line in lines(workspace) if "Ann" in line] == [
        "Write to Ann: last word between you 2 days ago; you wanted every day for “regular”"
    ]
    assert not [line for line in lines(workspace) if "Bob" in line]
    workspace.decide(Decision("rhythm.set", ann, {"ideal_days": 5, "longest_days": 9}, NOW))
    assert not [line for line in lines(workspace) if "Ann" in line]


def test_old_data_asks_for_new_first(workspace: Workspace) -> None:
    kept_waiting(workspace)
    later = NOW + 30 * DAY
    tasks = today(workspace, now=later).queue.tasks
    assert tasks[0].line.startswith(
        "Bring new data from Mastodon: what you can see there ends on 17 November"
    )
    assert not [task for task in tasks if task.action in {"keep", "touch"}]
    settle(workspace, tasks[0].key, "task.dismiss", now=later)
    assert not [task for task in today(workspace, now=later).queue.tasks if task.action == "bring"]


def test_no_clock_without_a_sight_of_the_own_answers(workspace: Workspace) -> None:
    asked = act("a1", "comment", "mastodon:ann", 2, text="Does it keep?")
    tell(workspace, [asked, *seen(outbound=False)])
    settled(workspace)
    [task] = today(workspace, now=NOW).queue.tasks
    assert task.due is None
    assert (
        task.reason
        == "A question on your post on Mastodon 2 days ago. Your own answers cannot be seen there."
    )


def test_an_empty_workspace_asks_nothing(workspace: Workspace) -> None:
    told = today(workspace, now=NOW)
    assert (told.queue.tasks, told.people) == ((), False)


def test_few_queries_give_what_everybody_would(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"p{number}" for number in range(60)]
    acts = [
        act(f"{name}-{index}", kind, f"mastodon:{name}", (number * 7 + index * 13) % 90 + 0.5, text="Why?")
        for number, name in enumerate(names)
        for index, kind in enumerate(("comment", "share", "mention")[: number % 4])
    ]
    tell(workspace, [*acts, *seen()])
    settled(workspace)

    def found() -> list[Task]:
        return list(today(workspace, now=NOW).queue.tasks)

    few = found()
    monkeypatch.setattr(service, "queue", queue)
    monkeypatch.setattr("courtship.service.today.gathering.PLACES", 10_000)
    assert found() == few
