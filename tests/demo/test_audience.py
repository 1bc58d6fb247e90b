"""The made-up audience: the same everywhere, of the size asked for, and like people."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256
from statistics import median

import pytest

from courtship import demo
from courtship.demo import traits, voice
from courtship.demo.telling import Audience
from courtship.model import DAY, Activity, Coverage, Micros, Post, Profile, Snapshot, Undo
from courtship.vocabulary import KINDS, TALK

UNTIL: Micros = 1_795_305_600_000_000


@pytest.fixture(scope="module")
def audience() -> Audience:
    return demo.audience(people=600, activities=24_000, seed=7, until=UNTIL)


@pytest.fixture(scope="module")
def activities(audience: Audience) -> list[Activity]:
    return list(audience.activities())


def _digest(audience: Audience) -> str:
    return sha256("\n".join(map(repr, audience.records())).encode()).hexdigest()


def test_the_same_seed_gives_the_same_records_in_another_process() -> None:
    here = _digest(demo.audience(people=60, activities=1_200, seed=11, until=UNTIL))
    code = (
        "from courtship import demo; from hashlib import sha256\n"
        f"a = demo.audience(people=60, activities=1_200, seed=11, until={UNTIL})\n"
        "print(sha256('\\n'.join(map(repr, a.records())).encode()).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "99"}
    there = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment
    ).stdout.strip()
    assert there == here
    assert _digest(demo.audience(people=60, activities=1_200, seed=12, until=UNTIL)) != here


@pytest.mark.parametrize(("people", "number"), [(10, 100), (60, 600), (300, 2_000), (200, 40_000)])
def test_there_are_as_many_as_were_asked_for(people: int, number: int) -> None:
    audience = demo.audience(people=people, activities=number, seed=3, until=UNTIL)
    activities = list(audience.activities())
    assert len(activities) == number
    assert len({activity.id for activity in activities}) == number
    owner = {account: person for person in range(people) for account in audience.accounts(person)}
    met = {a.target if a.actor in audience.brand else a.actor for a in activities}
    assert met == set(owner)
    assert len({owner[account] for account in met}) == people


def test_a_number_that_is_leapt_over_is_found_between() -> None:
    """At this moment as many visits more or less made once too many and once too few acts, for ever."""
    audience = demo.audience(people=60, activities=2_400, seed=1871, until=1_826_106_750_738_272)
    assert len(list(audience.activities())) == 2_400


def test_what_cannot_be_made_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot make"):
        demo.audience(people=1_000, activities=1_000, seed=1, until=UNTIL)
    with pytest.raises(ValueError, match="at least 10"):
        demo.audience(people=3, activities=100, seed=1, until=UNTIL)


def test_every_activity_is_between_the_brand_and_somebody_and_in_order(
    audience: Audience, activities: list[Activity]
) -> None:
    brand = set(audience.brand)
    assert [a.at for a in activities] == sorted(a.at for a in activities)
    for activity in activities:
        assert activity.kind in KINDS
        assert (activity.actor in brand) != (activity.target in brand)
        assert activity.actor.partition(":")[0] == activity.target.partition(":")[0]
        assert UNTIL - 731 * DAY <= activity.at < UNTIL
        assert activity.ended is None or activity.at < activity.ended <= UNTIL


def test_what_is_answered_came_before(activities: list[Activity]) -> None:
    when = {a.id: a.at for a in activities}
    answers = [a for a in activities if a.in_reply_to in when]
    assert len(answers) > 1_000
    assert all(when[a.in_reply_to] < a.at for a in answers if a.in_reply_to)


def test_nobody_likes_or_shares_a_thing_twice(activities: list[Activity]) -> None:
    once = [(a.actor, a.kind, a.object) for a in activities if a.kind in ("like", "share", "vote", "view")]
    assert max(Counter(once).values()) == 1


def test_activity_is_heavy_tailed(audience: Audience, activities: list[Activity]) -> None:
    per_account = Counter(a.target if a.actor in audience.brand else a.actor for a in activities)
    counts = sorted(sum(per_account[x] for x in audience.accounts(p)) for p in range(600))
    assert median(counts) <= 8
    assert sum(counts[-60:]) > 0.5 * sum(counts)
    assert counts[-1] < 0.1 * sum(counts)


def test_people_keep_hours_and_the_market_day(audience: Audience, activities: list[Activity]) -> None:
    theirs = [a for a in activities if a.actor not in audience.brand]
    hours = Counter(a.at // 3_600_000_000 % 24 for a in theirs)
    assert min(hours[h] for h in (18, 19, 20)) > 3 * max(hours[h] for h in (1, 2, 3))
    weekdays = Counter((a.at // DAY + 3) % 7 for a in theirs)
    assert weekdays[5] == max(weekdays.values())


def test_an_answer_raises_the_chance_of_a_return(audience: Audience, activities: list[Activity]) -> None:
    answered = {a.in_reply_to or a.object for a in activities if a.actor in audience.brand}
    words: dict[str, list[int]] = {}
    for a in activities:
        if a.actor not in audience.brand and a.kind in TALK:
            words.setdefault(a.actor, []).append(a.at)
    came: dict[bool, list[bool]] = {True: [], False: []}
    for a in activities:
        if a.actor not in audience.brand and a.kind == "comment" and a.at < UNTIL - 60 * DAY:
            back = any(a.at < at <= a.at + 5 * DAY for at in words[a.actor])
            came[a.id in answered].append(back)
    rate = {yes: sum(back) / len(back) for yes, back in came.items()}
    assert len(came[True]) > 300
    assert len(came[False]) > 300
    assert rate[True] > rate[False] + 0.05


def test_shares_bring_newcomers_whose_first_act_is_on_the_shared_post(
    audience: Audience, activities: list[Activity]
) -> None:
    shared: dict[str | None, list[int]] = {}
    met: set[str] = set()
    brought = 0
    for a in activities:
        if a.actor in audience.brand:
            met.add(a.target)
            continue
        if a.actor not in met and any(0 < a.at - at < 3 * DAY for at in shared.get(a.object, ())):
            brought += 1
        met.add(a.actor)
        if a.kind in ("share", "quote"):
            shared.setdefault(a.object, []).append(a.at)
    assert 60 < brought < 300


def test_each_platform_shows_something_else(audience: Audience, activities: list[Activity]) -> None:
    by: dict[str, list[Activity]] = {}
    for a in activities:
        by.setdefault(a.actor.partition(":")[0], []).append(a)
    assert set(by) == {"instagram", "mastodon", "facebook", "wordpress", "x"}
    assert max(a.at for a in by["instagram"]) < UNTIL - 48 * DAY
    assert max(a.at for a in by["x"]) < UNTIL - 9 * DAY
    assert max(a.at for a in by["mastodon"]) > UNTIL - 2 * DAY
    assert {a.kind for a in by["wordpress"]} <= {"comment", "quote"}
    undated = [a for a in activities if not a.precise]
    assert undated
    assert all(a.kind == "follow" and "x:871340063" in (a.actor, a.target) for a in undated)
    declared = list(audience.coverage())
    assert all(isinstance(c, Coverage) for c in declared)
    for a in activities:
        way = "outbound" if a.actor in audience.brand else "inbound"
        account = a.actor if way == "outbound" else a.target
        fits = [c for c in declared if (c.account, c.kind, c.direction) == (account, a.kind, way)]
        assert any(c.seen != "none" and (c.start or 0) <= a.at < c.end for c in fits), a


def test_one_in_ten_has_several_accounts_and_some_prove_it(audience: Audience) -> None:
    assert 0.07 < len(audience.joined) / 600 < 0.14
    how = Counter(audience.joined.values())
    assert how["proved"] > 10
    assert how["by hand"] > 5
    assert how["not yet"] > 2


def test_endings_are_told_as_each_platform_tells_them(audience: Audience, activities: list[Activity]) -> None:
    undos = list(audience.undos())
    ids = {a.id: a for a in activities}
    assert undos
    assert all(isinstance(u, Undo) and ids[u.undoes].at < u.at <= UNTIL for u in undos)
    assert all(u.blank == (ids[u.undoes].kind == "comment") for u in undos)
    assert any(a.ended for a in activities if a.kind == "follow")
    assert {a.kind for a in activities if a.kind == "block"} == {"block"}


def test_the_words_are_like_people(audience: Audience, activities: list[Activity]) -> None:
    texts = [a.text for a in activities if a.text]
    assert len(set(texts)) > 1_300
    assert not any("{" in text or "}" in text or "<" in text for text in texts)
    assert max(map(len, texts)) == voice.LONG_COMMENT == 10_000
    assert any("\u0590" <= c <= "\u06ff" for text in texts for c in text)
    assert any("\u3040" <= c <= "\u9fff" for text in texts for c in text)
    assert any("🍞" in text for text in texts)
    profiles = list(audience.profiles())
    names = [p.name for p in profiles]
    assert "" in names
    assert max(map(len, names)) > 35
    assert len({p.account for p in profiles}) == len(profiles)
    assert sum(p.own for p in profiles) == 5


def test_posts_are_those_that_activities_name(audience: Audience, activities: list[Activity]) -> None:
    posts = list(audience.posts())
    assert all(isinstance(p, Post) and p.text for p in posts)
    known = {p.object for p in posts} | {a.id for a in activities}
    assert {a.object for a in activities if a.object} <= known
    ours = [p for p in posts if p.author in audience.brand]
    assert {p.media for p in ours} >= {"text", "image", "video", "poll", "album", "story", "link"}
    assert all(p.tags for p in ours)
    for p in ours:
        assert (p.media == "poll") == bool(p.poll)


def test_the_team_and_the_bots_are_known_to_the_generator(audience: Audience) -> None:
    assert len(audience.of_temperament(traits.TEAM)) == 3
    assert len(audience.of_temperament(traits.BOT)) >= 2
    assert all(isinstance(p, Profile) for p in audience.profiles())


def test_who_came_lately_has_not_been_there_a_hundred_times(
    audience: Audience, activities: list[Activity]
) -> None:
    first: dict[str, int] = {}
    came = Counter[str]()
    for act in activities:
        if act.actor not in audience.brand:
            came[act.actor] += 1
            first.setdefault(act.actor, act.at)
    lately = [came[who] for who, at in first.items() if at > UNTIL - 10 * DAY]
    assert lately
    assert max(lately) < 100


def test_an_import_of_its_export_tells_nothing_twice(audience: Audience) -> None:
    told = [r for r in audience.records() if isinstance(r, Activity)]
    acts = Counter((a.actor, a.target, a.at) for a in told if a.kind == "follow" and not a.precise)
    assert acts
    assert max(acts.values()) == 1
    assert not any(isinstance(r, Snapshot) for r in audience.records()), "a list without dates tells the same"


def test_posts_keep_to_their_season(audience: Audience) -> None:
    months = {
        word: {datetime.fromtimestamp(p.at / 1e6, UTC).month for p in audience.posts() if word in p.text}
        for word in ("Strawberries are in", "Hot cross buns", "Stollen from")
    }
    assert months["Strawberries are in"] <= {5, 6, 7}
    assert months["Hot cross buns"] <= {3, 4}
    assert months["Stollen from"] <= {11, 12}
    assert any(months.values())
