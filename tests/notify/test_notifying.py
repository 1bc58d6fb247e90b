"""One message for one event, however many ways it arrived; nothing lost and nothing twice after a restart."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.notify.conftest import Mails, Sink

from courtship.model import DAY, Activity, Coverage, Decision, Micros, Origin, Record
from courtship.people.identity import person_id
from courtship.times import parse_iso

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

NOON = parse_iso("2026-11-27T12:00:00Z")
HOUR = DAY // 24
ME, ANN = "mastodon:me@b.example", "mastodon:ann@a.example"
LIVE = [
    Coverage("mastodon:*", kind, direction, "full", NOON - 400 * DAY, NOON + 400 * DAY)
    for kind in ("follow", "like", "comment", "mention", "message", "share")
    for direction in ("inbound", "outbound")
]


class Owner:
    """A workspace with a brand, and one address; the clock is moved by hand."""

    def __init__(self, workspace: Workspace, url: str) -> None:
        from courtship.service.notices import notices

        self.workspace = workspace
        self.now = NOON
        workspace.decide(Decision("brand.add", ME, {}, NOON - 500 * DAY))
        self.tell(LIVE, "coverage")
        notices.keep_address(workspace, "phone", url, now=NOON)

    def rule(self, **detail: object) -> str:
        from courtship.service.notices import notices

        return notices.set_rule(self.workspace, {"to": "phone", **detail}, now=self.now)[0].id

    def tell(self, records: Sequence[Record], format: str = "mastodon") -> None:
        from courtship.service.reckoning.refresh import refresh

        self.now = max([self.now, *(one.at for one in records if isinstance(one, Activity))])
        self.workspace.append(records, Origin(format, format, "", self.now))
        refresh(self.workspace, now=self.now)

    def tick(self, who: str = "one", after: Micros = 0) -> tuple[bool, int, int, int]:
        from courtship.service.notices import notifying

        self.now += after
        return notifying.tick(self.workspace, who, now=lambda: self.now)


@pytest.fixture
def owner(workspace: Workspace, sink: Sink) -> Owner:
    return Owner(workspace, f"json://127.0.0.1:{sink.port}/hook")


def titles(sink: Sink) -> list[str]:
    return [json.loads(body)["title"] for _, _, body in sink.got]


def comment(id: str, at: Micros, kind: str = "comment", actor: str = ANN) -> Activity:
    return Activity(id, kind, actor, ME, at, text="Does it freeze?", actor_name="Ann", object="post1")


def test_an_act_is_told_once_however_many_ways_it_arrives(owner: Owner, sink: Sink) -> None:
    owner.rule(on="act")
    owner.tick()
    owner.tell([comment("c1", NOON + HOUR)])
    assert owner.tick(after=HOUR) == (True, 1, 1, 0)
    owner.tell([comment("c1", NOON + HOUR)], "export")  # the same record again
    owner.tell([comment("", NOON + HOUR + 1_000_000)], "notification-mail")  # the same act by mail
    assert owner.tick(after=HOUR) == (True, 0, 0, 0)
    assert titles(sink) == ["Courtship: Ann commented on Mastodon"]
    said = json.loads(sink.got[0][2])["message"]
    assert "“Does it freeze?”" in said
    assert "It waits for a word from you." in said
    assert f"http://127.0.0.1:8000/?for={person_id(ANN)}" in said, "it leads to the task"
    assert "Your rule: When somebody does anything towards you: tell phone at once." in said


def test_what_asks_for_nothing_leads_to_the_person(owner: Owner, sink: Sink) -> None:
    owner.rule(on="act")
    owner.tick()
    owner.tell([comment("b1", NOON + HOUR, "block")])
    assert owner.tick(after=HOUR) == (True, 1, 1, 0)
    assert f"http://127.0.0.1:8000/people/{person_id(ANN)}" in json.loads(sink.got[0][2])["message"]


def test_two_rules_and_one_address_make_one_message(owner: Owner, sink: Sink) -> None:
    owner.rule(on="act")
    owner.rule(on="share")
    owner.rule(on="new")
    owner.tick()
    owner.tell([comment("s1", NOON + HOUR, "share")])
    assert owner.tick(after=HOUR) == (True, 3, 1, 0)
    assert titles(sink) == ["Courtship: Ann shared your post on Mastodon"]


def test_what_is_older_than_the_rule_or_a_back_fill_is_not_told(owner: Owner, sink: Sink) -> None:
    owner.tell([comment("c0", NOON - HOUR)])
    owner.rule(on="act")
    owner.tell([comment("c1", NOON - HOUR), comment("c2", NOON - 300 * DAY)])
    assert owner.tick() == (True, 0, 0, 0)
    owner.tick(after=3 * DAY)
    owner.tell([comment("c3", NOON + DAY)])  # heard of two days later
    assert owner.tick() == (True, 0, 0, 0)
    assert sink.got == []


def test_many_at_once_come_in_one_message(owner: Owner, sink: Sink) -> None:
    owner.rule(on="new")
    owner.tick()
    owner.tell([comment(f"f{n}", NOON + HOUR, "follow", f"mastodon:p{n}@a.example") for n in range(40)])
    assert owner.tick(after=HOUR) == (True, 40, 1, 0)
    assert titles(sink) == ["Courtship: 40 things just now"]
    assert "and 20 more" in json.loads(sink.got[0][2])["message"]


def test_a_stage_is_told_once_and_a_lapse_beyond_the_data_never(owner: Owner, sink: Sink) -> None:
    owner.rule(on="stage")
    owner.tick()
    owner.tell([comment("l1", NOON + HOUR, "like")])
    assert owner.tick(after=HOUR)[2] == 1
    assert titles(sink) == ["Courtship: Ann went from “aware” to “like”"] or "like" in titles(sink)[0]
    said = json.loads(sink.got[0][2])["message"]
    assert "They liked something of yours: that was what the next stage lacked." in said
    owner.tell([comment("l2", NOON + HOUR - 60_000_000, "like")])  # heard later, and a minute earlier
    assert owner.tick(after=HOUR)[2] == 0
    assert owner.tick(after=180 * DAY)[2] == 1  # what was won by one like lapses after 180 days
    owner.workspace.append([], Origin("x", "x", "", owner.now))
    assert owner.tick(after=HOUR)[2] == 0
    assert len(sink.got) == 2
    assert "went back from" in titles(sink)[1]


def test_a_lapse_that_cannot_be_seen_is_not_told(workspace: Workspace, sink: Sink) -> None:
    owner = Owner(workspace, f"json://127.0.0.1:{sink.port}/hook")
    owner.rule(on="stage")
    bob = "x:bob"
    owner.workspace.decide(Decision("brand.add", "x:me", {}, NOON))
    owner.tell([Coverage("x:*", "like", "inbound", "full", None, NOON + DAY)], "coverage")
    owner.tell([Activity("b", "like", bob, "x:me", NOON + HOUR)])
    owner.tick(after=2 * HOUR)
    assert len(sink.got) == 1
    owner.tick(after=180 * DAY)
    assert len(sink.got) == 1


def test_waiting_is_told_after_its_hours_unless_answered_or_dismissed(owner: Owner, sink: Sink) -> None:
    owner.rule(on="waiting", hours=4)
    cleo = "mastodon:cleo@a.example"
    owner.tell(
        [comment("w1", NOON), comment("w2", NOON, actor=cleo), comment("w3", NOON, "share", "mastodon:d@a")]
    )
    assert owner.tick(after=3 * HOUR)[2] == 0
    owner.tell([Activity("r", "comment", ME, cleo, NOON + HOUR, in_reply_to="w2")])
    assert owner.tick(after=HOUR)[1] == 2
    assert sorted(titles(sink)) == [
        "Courtship: Ann has waited 4 hours for a thank-you on Mastodon",
        "Courtship: Ann has waited 4 hours for an answer on Mastodon",
    ]
    assert owner.tick(after=HOUR)[1] == 0


def test_quiet_hours_hold_back_and_a_digest_gathers(owner: Owner, sink: Sink) -> None:
    owner.rule(on="act")
    owner.rule(on="act", when="daily")
    owner.tick()
    owner.now = NOON + 11 * HOUR  # 23:00
    owner.tell([comment("c1", owner.now)])
    assert owner.tick() == (True, 2, 0, 0)
    assert owner.tick(after=8 * HOUR) == (True, 0, 1, 0)  # seven in the morning
    assert owner.tick(after=HOUR) == (True, 0, 1, 0)  # eight: what is gathered
    assert len(sink.got) == 2


def test_a_failure_is_tried_again_and_nothing_is_told_twice(owner: Owner, sink: Sink) -> None:
    owner.rule(on="act")
    owner.tick()
    sink.refuse = 2
    owner.tell([comment("c1", NOON + HOUR)])
    assert owner.tick() == (True, 1, 0, 1)
    assert owner.tick() == (True, 0, 0, 0)
    assert owner.tick(after=61_000_000) == (True, 0, 0, 1)
    assert owner.tick(after=301_000_000) == (True, 0, 1, 0)
    assert owner.tick(after=HOUR) == (True, 0, 0, 0)
    assert len(sink.got) == 1


def test_one_of_two_servers_tells(owner: Owner, sink: Sink) -> None:
    owner.rule(on="act")
    owner.tick("one")
    owner.tell([comment("c1", NOON + HOUR)])
    owner.now += HOUR
    assert owner.tick("two")[0] is True  # the lease of the first ran out
    assert owner.tick("one")[0] is False
    assert len(sink.got) == 1
    assert owner.tick("one", after=2 * HOUR) == (True, 0, 0, 0)


def test_who_is_forgotten_is_in_no_delivery(owner: Owner, sink: Sink) -> None:
    owner.rule(on="act", when="daily")
    owner.tick()
    owner.tell([comment("c1", NOON + HOUR)])
    owner.tick(after=HOUR)
    owner.workspace.forget([ANN], now=owner.now)
    from courtship.store.operations import notices

    assert notices.latest(owner.workspace) == []


def test_secrets_are_in_no_table(owner: Owner) -> None:
    from courtship.service.notices import notices

    masked = notices.keep_address(owner.workspace, "mail", "mailto://owner:verysecret@example.org", now=NOON)
    assert "verysecret" not in masked
    for decision in owner.workspace.decisions():
        assert "verysecret" not in str(decision)
    database = owner.workspace.home / "workspaces"
    for path in [*owner.workspace.home.rglob("*.db*"), *database.rglob("*")]:
        if path.is_file():
            assert b"verysecret" not in path.read_bytes()


def test_mail_arrives(workspace: Workspace, mails: Mails) -> None:
    owner = Owner(
        workspace,
        f"mailto://127.0.0.1:{mails.port}?from=bread@example.org&to=owner@example.org&mode=insecure",
    )
    owner.rule(on="share")
    owner.tick()
    owner.tell([comment("s1", NOON + HOUR, "share")])
    assert owner.tick(after=HOUR) == (True, 1, 1, 0)
    assert b"thank them" in mails.got[0]


KILLED = """
import os, sys
from pathlib import Path
from courtship.store import open_workspace
workspace = open_workspace(Path(sys.argv[1]))
from courtship.service.notices import notifying
from courtship.notify import sending
from courtship.store.operations import notices
where, now = sys.argv[2], int(sys.argv[3])
def die(*args, **kwargs):
    os.kill(os.getpid(), 9)
if where == "noted":
    notifying.sending.send = die
elif where == "before noted":
    notices.put_down = die
notifying.tick(workspace, "killed", now=lambda: now)
"""


@pytest.mark.parametrize("where", ["before noted", "noted", "nowhere"])
def test_a_kill_loses_nothing_and_tells_nothing_twice(
    sqlite: None, tmp_path: Path, sink: Sink, where: str
) -> None:
    from courtship.store import open_workspace

    owner = Owner(open_workspace(tmp_path / "home"), f"json://127.0.0.1:{sink.port}/hook")
    owner.rule(on="act")
    owner.tell([comment("c1", NOON + HOUR)])
    owner.now += HOUR
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "home"), where, str(owner.now)],
        env={**os.environ},
        check=False,
    )
    assert done.returncode == (0 if where == "nowhere" else -signal.SIGKILL)
    owner.tick(after=HOUR)
    owner.tick(after=HOUR)
    assert len(sink.got) == 1
