"""Rules about the tribe: give back first, thank who did what was asked, a word to who is not heard of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from courtship.model import DAY
from courtship.plan.candidate import Candidate, rank_of, task_for
from courtship.plan.inputs import AskAnswered, Inputs, Settings, Talk
from courtship.plan.settling import Settled
from courtship.plan.words import Calendar, about_post, length, on_platform, plural, shortened


def give(inputs: Inputs, settled: Settled, calendar: Calendar) -> Iterator[Candidate]:
    """Give back what was promised: to whom most is open first, then what has been open longest."""
    for one in inputs.give_back:
        row = inputs.people.get(one.person)
        if row is None or one.at > calendar.now or inputs.rung(row.stage) < 0:
            continue
        if settled.over("give", one.person, one.at):
            continue
        what = f"{one.gift[:1].upper()}{one.gift[1:]}"
        about = f" for “{shortened(one.about, 40)}”" if one.about else " for a post of theirs"
        reason = f"{what}{about}, as you promised{on_platform(one.platform)}."
        if one.open > 1:
            reason += f" {plural(one.open, 'thing')} open in all."
        lead = Talk("", one.person, "promise", one.at, one.about, one.url, one.platform)
        task = task_for("give", row, "Give back to", reason, one.cause, lead, [lead])
        yield Candidate(rank_of("give", 0, one.open, one.at, one.person), task)


def thank_for_answers(
    inputs: Inputs, settings: Settings, settled: Settled, calendar: Calendar
) -> Iterator[Candidate]:
    """Thank those who did what they were asked for; several acts of one person make one task."""
    now = calendar.now
    found: dict[str, list[AskAnswered]] = defaultdict(list)
    for one in inputs.asks_answered:
        recent = 0 <= now - one.at <= settings.thank_within_days * DAY
        if one.person in inputs.people and recent and not settled.over("thank", one.person, one.at):
            found[one.person].append(one)
    did = {"share": "Shared", "quote": "Shared", "like": "Liked", "vote": "Voted in"}
    for person, acts in found.items():
        acts.sort(key=lambda act: (act.at, act.activity))
        row, last = inputs.people[person], acts[-1]
        reason = (
            f"{did.get(last.kind, 'Commented on')} your post{about_post(last.about)}"
            f"{on_platform(last.platform)} {calendar.ago(last.at)},"
            f" as you had asked {calendar.ago(last.asked_at)}."
        )
        points = inputs.rung(row.stage) * settings.stage_worth_days * DAY + now - acts[0].at
        shown = [Talk(a.activity, a.person, a.kind, a.at, a.text, a.url, a.platform) for a in reversed(acts)]
        task = task_for("thank", row, "Thank", reason, acts[0].activity, shown[0], shown)
        yield Candidate(rank_of("thank", 0, points, acts[0].at, person), task)


def look_after(inputs: Inputs, settled: Settled, calendar: Calendar) -> Iterator[Candidate]:
    """A word to somebody in the tribe of whom nothing is seen though something is agreed."""
    now = calendar.now
    for one in inputs.drifted:
        row = inputs.people.get(one.person)
        if row is None or inputs.rung(row.stage) < 0 or settled.contact.get(one.person, 0) > one.last:
            continue
        reason = f"In your tribe, and nothing seen for {length(now - one.last)}. A word, not a reminder."
        lead = Talk("", one.person, "quiet", one.last, platform=row.platform)
        task = task_for("touch", row, "Ask after", reason, f"tribe:{one.last}", lead, [lead])
        yield Candidate(rank_of("touch", 0, now - one.last, one.last, one.person), task)
