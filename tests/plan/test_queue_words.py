"""The words of every kind of task, as an owner reads them."""

from __future__ import annotations

from typing import Any

from courtship.model import DAY
from courtship.plan.inputs import (
    Ending,
    Inputs,
    Newcomer,
    PersonRow,
    Rhythm,
    Settings,
    Share,
    Step,
    Talk,
)
from courtship.plan.queue import queue
from courtship.plan.words import Calendar, every, length, shortened

from .made_inputs import NOW

HOUR = DAY // 24


def person(name: str, stage: str = "know", **more: Any) -> PersonRow:
    row = PersonRow(name.lower(), name, stage, NOW - 90 * DAY, None, NOW - 400 * DAY, covered_until=NOW)
    return row._replace(**more)


def lines(*people: PersonRow, **inputs: Any) -> list[str]:
    given = Inputs(people={row.person: row for row in people}, **inputs)
    return [task.line for task in queue(given, Settings(limit=99), NOW).tasks]


def test_answer() -> None:
    asked = Talk("a", "maya", "comment", NOW - 2 * DAY, "Does it keep?", answers_seen_until=NOW)
    assert lines(person("Maya"), talks=(asked,)) == ["Answer Maya: a question on your post, waiting 2 days"]
    titled = asked._replace(about="Saturday’s shelf", platform="mastodon")
    assert lines(person("Maya"), talks=(titled, titled._replace(activity="b", at=NOW - DAY))) == [
        "Answer Maya: a question on your post “Saturday’s shelf” on Mastodon, waiting 2 days, and 1 more"
    ]
    older = titled._replace(activity="c", at=NOW - 9 * DAY, text="Lovely.")
    assert lines(person("Maya"), talks=(titled, older)) == [
        "Answer Maya: a question on your post “Saturday’s shelf” on Mastodon, waiting 2 days, and 1 more, "
        "the first 9 days ago"
    ]
    blind = titled._replace(answers_seen_until=None)
    assert lines(person("Maya"), talks=(blind,)) == [
        "Answer Maya: a question on your post “Saturday’s shelf” on Mastodon 2 days ago. "
        "Your own answers cannot be seen there"
    ]
    archive = asked._replace(at=NOW - 20 * DAY, kind="message", answers_seen_until=NOW - 13 * DAY)
    assert lines(person("Maya"), talks=(archive,)) == [
        "Answer Maya: a question in a message on 28 October, unanswered on 4 November, when your data ends"
    ]


def test_answer_orders_by_wait_and_stage() -> None:
    ann = Talk("a", "ann", "comment", NOW - 5 * DAY, "Good.", answers_seen_until=NOW)
    bea = Talk("b", "bea", "comment", NOW - 3 * DAY, "Good.", answers_seen_until=NOW)
    cas = Talk("c", "cas", "comment", NOW - 7 * HOUR, "Good?", answers_seen_until=NOW)
    people = (person("Ann", "like"), person("Bea", "trust"), person("Cas", "like"))
    assert lines(*people, talks=(ann, bea, cas)) == [
        "Answer Bea: a comment on your post, waiting 3 days",
        "Answer Ann: a comment on your post, waiting 5 days. The longest wait of three",
        "Answer Cas: a question on your post, waiting 7 hours",
    ]


def test_thank() -> None:
    share = Share(
        "s", "mateus", "share", NOW - DAY, "Start here.", about="Stale bread", followers=412, introduced=2
    )
    assert lines(person("Mateus", "trust"), shares=(share,)) == [
        "Thank Mateus: shared your post “Stale bread” yesterday. "
        "412 followers may have seen it; two of them followed you since"
    ]
    review = share._replace(kind="endorse", followers=None, introduced=0, platform="facebook")
    assert lines(person("Mateus", "trust"), shares=(review,)) == [
        "Thank Mateus: recommended you on Facebook yesterday"
    ]


def test_welcome() -> None:
    new = Newcomer(
        "nour",
        "n",
        "follow",
        NOW - DAY,
        platform="instagram",
        shared=("spelt", "slow proving", "markets", "x"),
    )
    given = Inputs(people={"nour": person("Nour", "like")}, newcomers=(new,))
    (task,) = queue(given, Settings(), NOW).tasks
    assert task.line == (
        "Welcome Nour: followed you on Instagram yesterday. "
        "You both write about spelt, slow proving and markets"
    )
    assert task.marks == ("spelt", "slow proving", "markets")
    assert lines(person("Nour", "like", answered=1), newcomers=(new,)) == []


def test_the_one_step() -> None:
    said = tuple(
        Talk(f"e{day}", "siobhán", "comment", NOW - day * DAY, "It lives!", url=f"https://e.example/{day}")
        for day in (3, 20, 36)
    )
    step = Step("siobhán", "know", "outbound", ("comment",), 0, 1, "full", said)
    given = Inputs(people={"siobhán": person("Siobhán", "like")}, steps=(step,))
    (task,) = queue(given, Settings(), NOW).tasks
    assert task.line == (
        "Write back to Siobhán: spoke to you 3 times, last 3 days ago, and no word from you yet. "
        "One answer and you know each other"
    )
    assert task.link == "https://e.example/3"
    assert [act.activity for act in task.evidence] == ["e3", "e20", "e36"]
    ask = Step("ola", "trust", "inbound", ("share", "quote", "endorse"), 0, 1, "some")
    ola = person("Ola", momentum="warming", last_contact_at=NOW - 2 * DAY)
    assert lines(ola, steps=(ask,)) == [
        "Ask Ola: you last spoke 2 days ago. One share is all that is missing for “trust”: "
        "name a post worth passing on"
    ]
    assert lines(ola, steps=(ask._replace(seen="none"),)) == []
    assert lines(ola._replace(momentum="cooling"), steps=(ask,)) == []
    assert lines(ola, steps=(ask._replace(kinds=("comment",)),)) == []


def test_keep() -> None:
    row = person("Amara", "trust", until=NOW + 19 * DAY, last_contact_at=NOW - 57 * DAY)
    assert lines(row) == [
        "Write to Amara: “trust” lapses on 6 December, in 2 weeks, unless you two speak. "
        "Last word on 21 September"
    ]
    assert lines(row._replace(last_contact_at=NOW - 57 * DAY - 1)) == [
        "Write to Amara: “trust” lapses on 6 December, in 2 weeks, for what it rests on is growing old. "
        "Last word on 21 September"
    ]
    assert lines(row._replace(covered_until=NOW - 48 * DAY)) == []
    assert lines(row._replace(until=NOW + 31 * DAY)) == []


def test_touch() -> None:
    row = person("Amara", last_contact_at=NOW - 57 * DAY, usual_gap=5 * DAY)
    assert lines(row) == [
        "Write to Amara: last word between you on 21 September; you used to speak every 5 days"
    ]
    assert lines(row, rhythm_of_person={"amara": Rhythm(21, 70)}) == [
        "Write to Amara: last word between you on 21 September; you wanted every 3 weeks"
    ]
    tagged = row._replace(tags=("regular",))
    assert lines(tagged, rhythm_of_tag={"regular": Rhythm(30, 90)}) == [
        "Write to Amara: last word between you on 21 September; you wanted every 30 days for “regular”"
    ]
    assert lines(tagged, rhythm_of_tag={"regular": Rhythm(60, 90)}) == []
    assert lines(row._replace(covered_until=NOW - 50 * DAY)) == []


def test_bring() -> None:
    ended = Ending("instagram", NOW - 48 * DAY, 12)
    assert lines(endings=(ended,)) == [
        "Bring new data from Instagram: what you can see there ends on 30 September, 6 weeks ago. "
        "Until then nobody can be said to have gone quiet"
    ]
    assert lines(endings=(ended, ended._replace(end=NOW - DAY, account="second"))) == []
    assert lines(endings=(ended._replace(live=True),)) == []


def test_lengths_are_floored() -> None:
    assert [length(hours * HOUR) for hours in (0, 1, 35, 47, 48, 24 * 13, 24 * 14, 24 * 70, 24 * 900)] == [
        "less than an hour",
        "1 hour",
        "35 hours",
        "1 day",
        "2 days",
        "13 days",
        "2 weeks",
        "2 months",
        "2 years",
    ]
    assert [every(days * DAY) for days in (1, 7, 10, 21, 90)] == [
        "every day",
        "every week",
        "every 10 days",
        "every 3 weeks",
        "every 90 days",
    ]


def test_days_are_the_owners() -> None:
    midnight = NOW + 11 * HOUR  # 23:00 UTC
    assert Calendar("UTC", midnight).ago(NOW) == "today"
    assert Calendar("Asia/Tokyo", midnight).ago(NOW) == "yesterday"
    assert Calendar("UTC", NOW).day(NOW - 365 * DAY) == "17 November 2024"
    assert Calendar("UTC", NOW).next_morning(1) == NOW + 17 * HOUR
    assert shortened("one two three four", 12) == "one two…"
