"""What the tribe asks of the queue: give back first, thank for an answered ask, ask after who is quiet."""

from __future__ import annotations

from dataclasses import replace

from courtship.model import DAY
from courtship.plan.inputs import AskAnswered, Drifted, GiveBack, Inputs, PersonRow, Settings, TaskDecision
from courtship.plan.queue import queue
from courtship.plan.task import task_key

NOW = 1_795_305_600_000_000
ANN = PersonRow("ann", "Ann", "trust", NOW - 90 * DAY, None, NOW - 200 * DAY, platform="mastodon")
BO = ANN._replace(person="bo", name="Bo")
OWED = GiveBack("ann", "c1:like:5", NOW - 2 * DAY, 3, "a like", "New oven", "https://x.example/1", "mastodon")
GIVEN = AskAnswered("ann", "a9", "comment", NOW - DAY, NOW - 3 * DAY, "Lovely", about="On rye")


def lines(inputs: Inputs, now: int = NOW) -> list[str]:
    return [task.line for task in queue(inputs, Settings(), now).tasks]


def test_give_back_says_what_and_how_much_is_open() -> None:
    given = Inputs(people={"ann": ANN}, give_back=(OWED,))
    (task,) = queue(given, Settings(), NOW).tasks
    assert task.line == (
        "Give back to Ann: a like for “New oven”, as you promised on Mastodon. 3 things open in all"
    )
    assert task.link == "https://x.example/1"
    assert lines(replace(given, give_back=(OWED._replace(at=NOW + DAY),))) == [], "nothing later is known"


def test_whom_most_is_owed_comes_first_and_done_is_done() -> None:
    more = OWED._replace(person="bo", cause="c2:like:5", open=9)
    given = Inputs(people={"ann": ANN, "bo": BO}, give_back=(OWED, more))
    assert [line.partition(":")[0] for line in lines(given)] == ["Give back to Bo", "Give back to Ann"]
    key = task_key("give", "bo", "c2:like:5")
    done = replace(given, decisions=(TaskDecision("done", key, "give", "bo", "c2:like:5", NOW - DAY),))
    assert [line.partition(":")[0] for line in lines(done)] == ["Give back to Ann"]


def test_who_did_what_was_asked_is_thanked_once() -> None:
    given = Inputs(
        people={"ann": ANN}, asks_answered=(GIVEN, GIVEN._replace(activity="a8", at=NOW - 2 * DAY))
    )
    assert lines(given) == [
        "Thank Ann: commented on your post “On rye” yesterday, as you had asked 3 days ago"
    ]
    said = TaskDecision("done", "k", "thank", "ann", "a8", NOW)
    assert lines(replace(given, decisions=(said,))) == []
    assert lines(given, NOW + 40 * DAY) == []


def test_who_is_quiet_is_asked_after_until_there_was_contact() -> None:
    given = Inputs(people={"ann": ANN}, drifted=(Drifted("ann", NOW - 30 * DAY),))
    assert lines(given) == [
        "Ask after Ann: in your tribe, and nothing seen for 4 weeks. A word, not a reminder"
    ]
    met = TaskDecision("elsewhere", "k", "touch", "ann", "x", NOW - 20 * DAY)
    assert lines(replace(given, decisions=(met,))) == []
