"""Rules about what the brand can begin: new data, the next step, a stage about to lapse, being in touch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from courtship.model import DAY, Micros
from courtship.plan.candidate import Candidate, is_current, rank_of, task_for
from courtship.plan.inputs import Inputs, PersonRow, Settings, Step
from courtship.plan.rhythm import pace_of
from courtship.plan.settling import Settled
from courtship.plan.task import Evidence, Task, task_key
from courtship.plan.words import Calendar, every, length, platform_title, plural, small

_VOUCHING = frozenset({"share", "quote", "endorse"})


def bring(inputs: Inputs, settings: Settings, calendar: Calendar) -> Iterator[Candidate]:
    """Bring new data from each platform whose coverage ran out ``stale_days`` ago or longer."""
    now = calendar.now
    ends: dict[str, tuple[Micros, int, bool]] = {}
    for ending in inputs.endings:
        end, people, live = ends.get(ending.platform, (ending.end, 0, False))
        ends[ending.platform] = (max(end, ending.end), max(people, ending.people), live or ending.live)
    for platform, (end, people, live) in ends.items():
        if live or now - end < settings.stale_days * DAY:
            continue
        cause = f"{platform}@{end}"
        reason = (
            f"What you can see there ends on {calendar.day(end)}, {length(now - end)} ago. "
            "Until then nobody can be said to have gone quiet."
        )
        task = Task(
            key=task_key("bring", "", cause),
            action="bring",
            person="",
            verb="Bring new data from",
            name=platform_title(platform),
            reason=reason,
            evidence=(Evidence("", "coverage", end),),
            platform=platform,
            cause=cause,
        )
        yield Candidate(rank_of("bring", 0, people, end, platform), task)


def steps(inputs: Inputs, settings: Settings, now: Micros) -> dict[str, Step]:
    """The steps that the brand can take, by person: a word of its own that is missing, or asking somebody
    known for a share. What cannot be seen is not said to be missing."""
    found: dict[str, Step] = {}
    for one in inputs.steps:
        row = inputs.people.get(one.person)
        if row is None or one.seen == "none" or one.have >= one.need or inputs.rung(row.stage) < 1:
            continue
        if one.direction == "outbound":
            heard = max((talk.at for talk in one.evidence if talk.at <= now), default=None)
            if heard is not None and now - heard <= settings.step_within_days * DAY:
                found[one.person] = one
        elif _may_be_asked(row, one, inputs, settings, now):
            found[one.person] = one
    return found


def _may_be_asked(row: PersonRow, one: Step, inputs: Inputs, settings: Settings, now: Micros) -> bool:
    """A share is asked for only of somebody known, who was in touch lately and is not cooling off."""
    return (
        bool(one.kinds)
        and _VOUCHING.issuperset(one.kinds)
        and inputs.rung(row.stage) >= 2
        and row.momentum in {"", "warming", "steady"}
        and row.last_contact_at is not None
        and 0 <= now - row.last_contact_at <= settings.step_within_days * DAY // 2
    )


def reaches(row: PersonRow, stage: str) -> str:
    """What the next stage means, in words: "you know each other"."""
    return "you know each other" if stage == "know" else f"{row.name} reaches “{stage}”"


def step(inputs: Inputs, calendar: Calendar, found: Mapping[str, Step]) -> Iterator[Candidate]:
    """Take the one step that is missing for the next stage: a word of the brand's, or asking for a share."""
    for person, one in found.items():
        row = inputs.people[person]
        heard = (talk for talk in one.evidence if talk.at <= calendar.now)
        said = sorted(heard, key=lambda talk: (-talk.at, talk.activity))
        cause = f"{one.stage}@{row.since}"
        lead = said[0] if said else None
        if one.direction == "outbound" and lead is not None:
            times = max(row.talked, len(said))
            spoke = (
                f"Spoke to you {plural(times, 'time')}, last {calendar.ago(lead.at)}"
                if times > 1
                else f"Spoke to you {calendar.ago(lead.at)}"
            )
            none_yet = "no answer from you lately" if row.answered else "no word from you yet"
            lacking = one.need - one.have
            answers = f"{small(lacking).capitalize()} {'answer' if lacking == 1 else 'answers'}"
            reason = f"{spoke}, and {none_yet}. {answers} and {reaches(row, one.stage)}."
            task = task_for("step", row, "Write back to", reason, cause, lead, said)
            yield Candidate(rank_of("step", 0, inputs.rung(row.stage), -lead.at, person), task)
        elif row.last_contact_at is not None:
            reason = (
                f"You last spoke {calendar.ago(row.last_contact_at)}. One share is all that is missing for "
                f"“{one.stage}”: name a post worth passing on."
            )
            task = task_for("step", row, "Ask", reason, cause, lead, said)
            yield Candidate(rank_of("step", 1, row.talked, -row.last_contact_at, person), task)


def keep(inputs: Inputs, settings: Settings, calendar: Calendar) -> Iterator[Candidate]:
    """Keep a stage that is about to lapse, from the second rung on: a first spark may fade in peace."""
    now = calendar.now
    for person, row in inputs.people.items():
        rung = inputs.rung(row.stage)
        if row.until is None or rung < 2 or not now < row.until <= now + settings.lapse_days * DAY:
            continue
        seen = row.covered_until
        if seen is None or (seen < row.until and not is_current(seen, settings, now)):
            continue  # the lapse would fall where nothing is seen: it is not announced
        left = length(row.until - now)
        last = row.last_contact_at
        # Windows are whole days: a lapse whole days after the last word is for want of another.
        spoken = last is not None and (row.until - last) % DAY == 0
        how = "unless you two speak" if spoken else "for what it rests on is growing old"
        reason = f"“{row.stage}” lapses on {calendar.day(row.until)}, in {left}, {how}."
        if last is not None:
            reason += f" Last word {calendar.ago(last)}."
        cause = f"{row.stage}@{row.until}"
        task = task_for("keep", row, "Write to", reason, cause, None, [], due=row.until)
        yield Candidate(rank_of("keep", 0, rung, row.until, person), task)


def touch(inputs: Inputs, settings: Settings, settled: Settled, calendar: Calendar) -> Iterator[Candidate]:
    """Get in touch where the gap since the last real contact, or the last the owner told of, is too long.

    With a rhythm set for the person or a tag from its ideal gap on; by the person's own rhythm or the
    default only from the second rung up, past the longest gap. Silence beyond the end of coverage is no
    silence; who is kept by hand alone is seen by the owner.
    """
    now = calendar.now
    for person, row in inputs.people.items():
        rung = inputs.rung(row.stage)
        pace = pace_of(row, inputs.rhythm_of_person, inputs.rhythm_of_tag, settings.longest_default_days)
        wanted = pace.source in {"person", "tag"}
        if rung < 0 or (
            not wanted and (rung < 2 or row.last_contact_at is None or row.covered_until is None)
        ):
            continue
        seen = row.last_contact_at if row.last_contact_at is not None else row.first_at
        last = max(seen, settled.contact.get(person, seen))
        known_until = now
        if row.covered_until is not None and not is_current(row.covered_until, settings, now):
            known_until = row.covered_until
        due = last + (pace.ideal if wanted else pace.longest)
        if known_until < due:
            continue
        reason = f"Last word between you {calendar.ago(last)}"
        if wanted:
            by = f" for “{pace.tag}”" if pace.tag else ""
            reason += f"; you wanted {every(pace.ideal)}{by}."
        elif pace.source == "own" and row.usual_gap is not None:
            reason += f"; you used to speak {every(row.usual_gap)}."
        else:
            reason += ", and nothing since."
        late = (now - last) * 1000 // max(pace.longest, 1)
        task = task_for("touch", row, "Write to", reason, f"last@{last}", None, [], due=due)
        yield Candidate(rank_of("touch", 0 if wanted and late >= 1000 else 1, late, last, person), task)
