"""Today's queue for every face: what to do, what was done, and the owner's word on a task.

``courtship today`` and the Today page say the same because both ask here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from courtship.errors import NotAllowed
from courtship.lifecycle import policy as policies
from courtship.model import DAY, Decision, Micros
from courtship.plan.inputs import Inputs, Rhythm, Settings, TaskDecision
from courtship.plan.queue import queue
from courtship.plan.task import Queue, Task, task_key
from courtship.plan.words import Calendar, platform_title
from courtship.service.coverage.seen_now import seen_now
from courtship.service.people import interests
from courtship.service.people.whose import people_now
from courtship.service.reckoning.cueing import ensure_cues
from courtship.service.reckoning.standing import standing
from courtship.service.today import tribe as today_tribe
from courtship.service.today.gathering import Declared, Source, gather
from courtship.store.derived import cues as table
from courtship.times import to_iso

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

VERBS = {"task.done", "task.snooze", "task.dismiss", "task.elsewhere"}
SAID = {
    "answer": "Answered",
    "thank": "Thanked",
    "give": "Gave back to",
    "welcome": "Welcomed",
    "step": "Wrote to",
    "keep": "Wrote to",
    "touch": "Wrote to",
    "bring": "Brought new data from",
}
GREETED = 8
"""For so many newcomers what they have in common with the brand is looked up."""
EVERYTHING = 1_000_000


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was done today: "Thanked" NAME, "elsewhere", when; ``position`` is the decision's."""

    said: str
    person: str
    name: str
    how: str
    at: Micros
    position: int


@dataclass(frozen=True, slots=True)
class Today:
    """The queue at a moment, with the settings that made it. ``people``: whether there is anybody at all."""

    queue: Queue
    settings: Settings
    at: Micros
    done: tuple[Done, ...] = ()
    people: bool = True


def today(workspace: Workspace, *, now: Micros, at: Micros | None = None, about: str = "") -> Today:
    """The queue at ``now``, and what is open with ``about`` (a person's id); with ``at`` as it was at that
    moment, from what had happened and been decided by then (reckoned from all activities, which takes
    longer)."""
    moment = now if at is None else at
    declared = declarations(workspace, moment, then=at is not None)
    inputs = _inputs(workspace, declared, moment, then=at is not None)
    found = queue(inputs, declared.settings, moment, about=about)
    asked = _linked(workspace, [found.about] if found.about else [])
    return Today(
        queue=replace(found, tasks=tuple(_linked(workspace, found.tasks)), about=asked[0] if asked else None),
        settings=declared.settings,
        at=moment,
        done=tuple(_done(workspace, declared, moment)),
        people=bool(inputs.people) or table.any_people(workspace),
    )


def open_with(workspace: Workspace, *, now: Micros) -> set[str]:
    """Everybody with whom something is open, whether today's queue has room for it or not."""
    declared = declarations(workspace, now)
    every = replace(declared.settings, limit=EVERYTHING)
    return {task.person for task in queue(_inputs(workspace, declared, now), every, now).tasks}


def settle(workspace: Workspace, key: str, verb: str, *, now: Micros) -> tuple[str, list[Decision]]:
    """The owner's word on a task: ``verb`` is one of ``VERBS``. Answers the name it is about and the decision
    (which ``undo`` takes back). Raises NotAllowed where no such task is open."""
    if verb not in VERBS:
        raise NotAllowed(f"{verb!r} says nothing of a task; use one of: {', '.join(sorted(VERBS))}")
    declared = declarations(workspace, now)
    every = replace(declared.settings, limit=EVERYTHING)
    tasks = {task.key: task for task in queue(_inputs(workspace, declared, now), every, now).tasks}
    task = tasks.get(key)
    if task is None:
        raise NotAllowed("That is no longer in today's list; load the page again to see what is.")
    detail: dict[str, Any] = {"action": task.action, "person": task.person, "cause": task.cause}
    if task.person:
        accounts = table.accounts_of(workspace, [task.person]).get(task.person, [])
        detail["account"] = accounts[0] if accounts else ""
    if verb == "task.snooze":
        calendar = Calendar(declared.policy.timezone, now)
        detail["until"] = calendar.next_morning(declared.settings.snooze_days)
    if verb == "task.elsewhere":
        detail["at"] = now
    return task.name, workspace.decide(Decision(verb, task.key, detail, now))


def as_json(task: Task) -> dict[str, Any]:
    """A task as ``courtship today --json`` prints it; times are ISO 8601."""
    return {
        "action": task.action,
        "person": task.person or None,
        "reason": task.reason,
        "evidence": [
            {"activity": e.activity or None, "kind": e.kind, "at": to_iso(e.at), "text": e.text, "url": e.url}
            for e in task.evidence
        ],
        "due": to_iso(task.due) if task.due is not None else None,
        "key": task.key,
        "title": task.title,
        "name": task.name,
        "stage": task.stage or None,
        "certain": task.certain,
        "platform": task.platform or None,
        "link": task.link or None,
    }


# ------------------------------------------------------------------------------------ what is declared


def declarations(workspace: Workspace, moment: Micros, *, then: bool = False) -> Declared:
    """What the owner had declared by ``moment``, with persons as they are now; ``then``: a moment gone by."""
    decided = [
        decision
        for decision in workspace.decisions(*VERBS, "setting.set", "policy.adopt", "rhythm.set")
        if decision.at <= moment
    ]
    values = {d.subject: d.detail.get("value") for d in decided if d.verb == "setting.set"}
    adopted = [d.detail.get("policy") for d in decided if d.verb == "policy.adopt"]
    rhythms = {d.subject: _rhythm(d.detail) for d in decided if d.verb == "rhythm.set"}
    of_tag = {name.removeprefix("tag:"): one for name, one in rhythms.items() if name.startswith("tag:")}
    of_person = {name: one for name, one in rhythms.items() if not name.startswith("tag:")}
    tasks = [d for d in decided if d.verb in VERBS]
    refs = {str(d.detail.get("account") or d.detail.get("person") or "") for d in tasks}
    person_now = people_now(workspace, (refs | of_person.keys()) - {""})
    return Declared(
        policy=policies.load(adopted[-1] if adopted else None) if then else standing(workspace).policy,
        settings=Settings.of(values),
        decisions=tuple(_task_decision(d, person_now) for d in tasks),
        rhythm_of_person={person_now.get(name, name): one for name, one in of_person.items()},
        rhythm_of_tag=of_tag,
        tagged=_tagged(workspace, set(of_tag), moment) if of_tag else {},
    )


def _rhythm(detail: Mapping[str, Any]) -> Rhythm:
    return Rhythm(int(detail["ideal_days"]), int(detail["longest_days"]))


def _task_decision(decision: Decision, person_now: Mapping[str, str]) -> TaskDecision:
    """As the queue reads it: after a merge the person, and with it the key, may be another."""
    detail = decision.detail
    action, cause = str(detail.get("action", "")), str(detail.get("cause", ""))
    person = str(detail.get("person", ""))
    person = person_now.get(str(detail.get("account") or person), person)
    until = detail.get("until")
    return TaskDecision(
        verb=decision.verb.removeprefix("task."),
        key=task_key(action, person, cause) if action else decision.subject,
        action=action,
        person=person,
        cause=cause,
        at=decision.at,
        until=int(until) if until is not None else None,
    )


def _tagged(workspace: Workspace, tags: set[str], moment: Micros) -> dict[str, tuple[str, ...]]:
    """Who carries which of ``tags``."""
    held: dict[str, set[str]] = {}
    for decision in workspace.decisions("tag.add", "tag.remove"):
        tag = str(decision.detail.get("tag", ""))
        if tag in tags and decision.at <= moment:
            carried = held.setdefault(decision.subject, set())
            (carried.add if decision.verb == "tag.add" else carried.discard)(tag)
    person_now = people_now(workspace, held)
    return {person_now.get(name, name): tuple(sorted(carried)) for name, carried in held.items() if carried}


# ------------------------------------------------------------------------------------ what is shown


def _inputs(workspace: Workspace, declared: Declared, moment: Micros, *, then: bool = False) -> Inputs:
    source: Source
    if then:
        from courtship.service.reckoning.at_moment import AtMoment

        source = AtMoment(workspace, declared.policy, moment)
    else:
        from courtship.service.reckoning.at_present import AtPresent

        ensure_cues(workspace, declared.policy, moment)
        source = AtPresent(workspace)
    together = today_tribe.read(workspace, moment, then=then)
    coverage = workspace.coverage() if then else seen_now(workspace, moment)
    inputs = gather(source, declared, coverage, moment, together.people)
    inputs = replace(
        inputs,
        give_back=together.give_back,
        asks_answered=together.asks_answered,
        drifted=together.drifted,
    )
    return _with_interests(workspace, inputs, moment)


def _with_interests(workspace: Workspace, inputs: Inputs, moment: Micros) -> Inputs:
    """The newest newcomers with what they have in common with the brand."""
    newest = sorted(inputs.newcomers, key=lambda one: (-one.at, one.person))[:GREETED]
    if not newest:
        return inputs
    shared = interests.of_people(workspace, [one.person for one in newest], until=moment)
    return replace(
        inputs,
        newcomers=tuple(
            one._replace(shared=tuple(topic.topic for topic in shared.get(one.person, ())[:3]))
            for one in inputs.newcomers
        ),
    )


def _linked(workspace: Workspace, tasks: Sequence[Task]) -> list[Task]:
    """Where no act has an address of its own, the person's profile is opened."""
    without = [task.person for task in tasks if task.person and not task.link]
    if not without:
        return list(tasks)
    accounts = table.accounts_of(workspace, without)
    profiles = workspace.profiles([account for held in accounts.values() for account in held])
    url_of = {profile.account: profile.url for profile in profiles if profile.url}
    link = {
        person: next((url_of[account] for account in held if account in url_of), "")
        for person, held in accounts.items()
    }
    return [replace(task, link=task.link or link.get(task.person, "")) for task in tasks]


def _done(workspace: Workspace, declared: Declared, moment: Micros) -> list[Done]:
    """What was done or answered elsewhere since the morning, newest first."""
    morning = Calendar(declared.policy.timezone, moment).next_morning(0)
    if morning > moment:
        morning -= DAY
    done = [d for d in workspace.decisions("task.done", "task.elsewhere") if morning <= d.at <= moment]
    names = table.standings(workspace, {str(d.detail.get("person", "")) for d in done})
    found = []
    for decision in reversed(done):
        person = str(decision.detail.get("person", ""))
        named = names.get(person)
        platform = str(decision.detail.get("cause", "")).partition("@")[0] if not person else ""
        found.append(
            Done(
                said=SAID.get(str(decision.detail.get("action", "")), "Done:"),
                person=person if named else "",
                name=(named.name or named.handle) if named else platform_title(platform),
                how=" elsewhere" if decision.verb == "task.elsewhere" else "",
                at=decision.at,
                position=decision.position,
            )
        )
    return found
