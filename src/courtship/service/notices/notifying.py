"""Looks for what the owner wants to be told of, and tells it: once, soon, and after a restart.

What is due is put down in the transaction that moves the position up to which the log was looked through;
it is sent, and then marked as sent. So nothing is lost, and nothing is told twice but where the process dies
in the moment between a service's taking a message and the mark (at least once). One process at a time does
it, by a lease.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from courtship.addresses import platform_of
from courtship.errors import CourtshipError
from courtship.model import DAY, Micros
from courtship.notify import sending
from courtship.plan.inputs import Settings
from courtship.plan.notices import (
    FRESH,
    FRESH_GATHERED,
    HOUR,
    Event,
    Hours,
    Rule,
    due_at,
    event_name,
    matches,
    report_due_at,
    retry_after,
)
from courtship.plan.seen import Sight
from courtship.plan.settling import settle
from courtship.service.coverage.seen_now import seen_now
from courtship.service.live import heard_events
from courtship.service.notices import messages, notices, weekly_report
from courtship.service.people import deciding
from courtship.service.people.whose import people_now
from courtship.service.reckoning import upkeep
from courtship.service.reckoning.standing import standing
from courtship.service.today import today
from courtship.store.derived import cues as table
from courtship.store.derived import tables
from courtship.store.operations import notices as store
from courtship.store.operations.notices import Delivery
from courtship.store.remembering import remembered

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

MINUTE: Micros = 60_000_000
LEASE: Micros = 90_000_000
EVERY = 20.0
"""Seconds between two looks where nothing is heard: waits come due and stages lapse as time goes by."""
KEPT: Micros = 180 * DAY
"""What was told is remembered for so long, to be shown; nothing that is older can be told again."""
ONE_BY_ONE = 5
"""So many at once to one address come as messages of their own; more come in one."""
log = logging.getLogger("courtship.notices")


class Ticked(NamedTuple):
    """``noted`` came due newly, ``sent`` messages went out, ``failed`` not; ``mine``: the lease was had."""

    mine: bool
    noted: int = 0
    sent: int = 0
    failed: int = 0


def holder() -> str:
    """What this process writes as the holder of the lease."""
    return f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(4)}"


def tick(workspace: Workspace, who: str, *, now: Callable[[], Micros]) -> Ticked:
    """Looks once, and sends what is due. Cheap where there is no rule and nothing new."""
    moment = now()
    upkeep.keep_up(workspace, now=moment)  # stages lapse as time goes by, and others write
    if not store.take(workspace, who, now=moment, until=moment + LEASE):
        return Ticked(False)
    noted = look(workspace, who, moment)
    if noted < 0:
        return Ticked(False)
    sent = failed = 0
    for batch in _batches(store.due(workspace, moment)):
        if not store.take(workspace, who, now=now(), until=now() + LEASE):
            return Ticked(False, noted, sent, failed)
        done = _send(workspace, batch, now())
        sent, failed = sent + int(done is True), failed + int(done is False)
    return Ticked(True, noted, sent, failed)


# ---------------------------------------------------------------- looking


def look(workspace: Workspace, who: str, now: Micros) -> int:
    """Puts down what has come due to be told since the last look; answers how much, -1 without the lease."""
    until = min(workspace.position(), tables.refreshed(workspace).position)
    every, since = notices.rules(workspace), store.looked_up_to(workspace)
    if not every or since is None:
        return store.put_down(workspace, [], holder=who, position=until)
    known = store.addresses(workspace)
    every = [rule for rule in every if rule.to in known]
    hours, tags = notices.hours(workspace), deciding.tagged_now(workspace)
    due = [
        _delivery(rule, event, _due_at(rule, hours, event, now))
        for event in _events(workspace, every, since, max(since, until), now)
        for rule in every
        if matches(rule, event, tags.get(event.person, ()), now)
    ]
    return store.put_down(workspace, due, holder=who, position=until, forget_before=now - KEPT)


def _due_at(rule: Rule, hours: Hours, event: Event, now: Micros) -> Micros:
    return report_due_at(rule, hours, event.at, now) if event.on == "report" else due_at(rule, hours, now)


def _delivery(rule: Rule, event: Event, due: Micros) -> Delivery:
    return Delivery(
        0,
        f"{rule.id} {event.name}",
        event.name,
        rule.id,
        rule.to,
        event.on,
        event.person,
        event.platform,
        event.record,
        event.kind,
        event.at,
        event.before,
        event.stage,
        event.hours,
        rule.gathered,
        due,
    )


def _events(
    workspace: Workspace, every: Sequence[Rule], since: int, until: int, now: Micros
) -> Iterator[Event]:
    on = {rule.on for rule in every}
    if until > since and on & {"act", "share", "new"}:
        yield from _acts(workspace, every, since, until, now)
    if "stage" in on:
        yield from _changes(workspace, min(rule.since for rule in every if rule.on == "stage"), now)
    for hours in sorted({rule.hours for rule in every if rule.on == "waiting"}):
        yield from _waiting(workspace, hours, now)
    if "quiet" in on:
        yield from _quiet(workspace, now)
    if "report" in on:
        yield from weekly_report.over(workspace, now)


def _acts(
    workspace: Workspace, every: Sequence[Rule], since: int, until: int, now: Micros
) -> Iterator[Event]:
    reach = FRESH_GATHERED if any(rule.gathered for rule in every) else FRESH
    oldest = max(now - reach, min(rule.since for rule in every))
    acts = store.new_acts(workspace, since, until, oldest)
    person_of = table.persons_of(workspace, {act.actor for act in acts})
    people = table.standings(workspace, set(person_of.values()))
    greeted: set[str] = set()
    for act in acts:
        person = people.get(person_of.get(act.actor, ""))
        if person is None:  # set aside, or forgotten
            continue
        event = Event(
            "act",
            event_name("act", act.actor, act.activity),
            person.person,
            min(act.at, now),  # a platform's clock may be ahead
            act.kind,
            platform_of(act.actor),
            person.stage,
            record=act.record,
        )
        yield event
        if act.at == person.first_at and person.person not in greeted:
            greeted.add(person.person)
            yield event._replace(on="new")


def _changes(workspace: Workspace, since: Micros, now: Micros) -> Iterator[Event]:
    """Changes of stage, each once: a change that moves by some hours because more was heard is the same one,
    and so is that of somebody who was found to be one person with another. A lapse beyond the end of what is
    seen is none."""
    oldest = max(since, now - FRESH_GATHERED)
    moves = store.moves_since(workspace, oldest, now)
    if not moves:
        return
    told = store.of_sort(workspace, "stage", oldest - DAY)
    persons = people_now(workspace, {one.person for one in told})
    at_of: dict[tuple[str, str, str], list[tuple[Micros, str]]] = {}
    for one in told:
        key = (persons.get(one.person, one.person), one.before, one.after)
        at_of.setdefault(key, []).append((one.at, one.event))
    people = table.standings(workspace, {move.person for move in moves})
    sight = Sight(seen_now(workspace, now), now)
    for move in moves:
        person = people.get(move.person)
        if person is None:
            continue
        platforms = person.platforms.replace(",", " ").split()
        seen = sight.heard_until(platforms)
        if move.cause == "lapse" and (seen is None or seen < move.at):
            continue
        name = event_name("stage", move.person, move.before, move.after, move.at)
        for at, held in at_of.get((move.person, move.before, move.after), ()):
            name = held if abs(at - move.at) < DAY else name
        yield Event(
            "stage",
            name,
            move.person,
            move.at,
            move.cause,
            platforms[0] if len(platforms) == 1 else "",
            move.after,
            before=move.before,
        )


def _waiting(workspace: Workspace, hours: int, now: Micros) -> Iterator[Event]:
    """Words and shares that have waited so long within the last day, where an answer would have been seen."""
    sight = Sight(seen_now(workspace, now), now)
    latest = now - hours * HOUR
    stages = ("aware", *standing(workspace).ladder)
    cues = [
        cue
        for sort in ("talk", "share")
        for cue in table.find(workspace, sort, stages=stages, since=latest - FRESH, limit=500)
        if cue.at <= latest
    ]
    if not cues:
        return
    settled = settle(today.declarations(workspace, now).decisions, now)
    told = table.told(workspace, {cue.record for cue in cues})
    for cue in cues:
        over = at = cue.at + hours * HOUR
        seen = sight.answers_until(cue.platform, cue.at)
        if cue.record not in told or seen is None or seen < over:
            continue
        if settled.over("answer" if cue.sort == "talk" else "thank", cue.person, cue.at):
            continue
        name = event_name("waiting", hours, cue.platform, told[cue.record].activity)
        yield Event("waiting", name, cue.person, at, cue.kind, cue.platform, cue.stage, "", cue.record, hours)


def _quiet(workspace: Workspace, now: Micros) -> Iterator[Event]:
    """Whose silence became too long within the last week, as today's queue reckons it, where they would have
    been heard. Looked for every ten minutes: it reads everybody's last contact."""
    settings = Settings.of(standing(workspace).settings)
    ladder = standing(workspace).ladder

    def read() -> list[tuple[str, str, str, Micros, Micros]]:
        return store.silences(
            workspace,
            stages=ladder[1:],
            least=14 * DAY,
            ceiling=settings.longest_default_days * DAY,
            after=now - FRESH_GATHERED,
            until=now,
        )

    sight = Sight(seen_now(workspace, now), now)
    found = remembered(workspace.alias, "gone quiet", f"{now // (10 * MINUTE)}", read)
    for person, stage, platform, last, too_long in found:
        seen = sight.heard_until([platform])
        if seen is not None and seen >= too_long:
            yield Event("quiet", event_name("quiet", person, last), person, too_long, "", platform, stage)


# ---------------------------------------------------------------- sending


def _batches(due: Sequence[Delivery]) -> Iterator[list[Delivery]]:
    """What goes out as one message each: the gathered ones of an address and time together, those at once
    one by one unless they are many."""
    together: dict[tuple[str, bool, bool], list[Delivery]] = {}
    for one in due:
        together.setdefault((one.address, one.gathered, one.sort == "report"), []).append(one)
    for (_, gathered, report), some in together.items():
        alike: dict[str, list[Delivery]] = {}
        for one in some:  # two rules that tell one address of one event send one message
            alike.setdefault(one.event, []).append(one)
        if not report and (gathered or len(alike) > ONE_BY_ONE):
            yield some
        else:
            yield from alike.values()


def _send(workspace: Workspace, batch: Sequence[Delivery], now: Micros) -> bool | None:
    """Sends one message; ``None`` where there was nothing to say any more."""
    address = store.addresses(workspace).get(batch[0].address)
    ids = [one.id for one in batch]
    said, gone = messages.message(workspace, batch, now)
    if gone:
        store.settle(workspace, sorted(gone), "dropped", now=now, why="it is no more")
    ids = [one for one in ids if one not in gone]
    if said is None or not ids:
        return None
    try:
        if address is None:
            raise CourtshipError("the address was removed")
        sent = sending.send(store.unlocked(workspace, address), said)
    except CourtshipError as error:
        sent = sending.Sent(False, str(error))
    if sent.ok:
        store.settle(workspace, ids, "sent", now=now)
        return True
    wait = retry_after(batch[0].tries + 1)
    state = "failed" if wait is None else "waiting"
    store.settle(workspace, ids, state, now=now, why=sent.why, again=None if wait is None else now + wait)
    log.warning("a notice to %s was not taken: %s", batch[0].address, sent.why)
    return False


# ---------------------------------------------------------------- as long as the server runs


def run(workspace: Workspace, stopping: threading.Event) -> None:
    """Looks and sends until ``stopping`` is set: whenever something was heard, when something comes due, and
    every twenty seconds. What goes wrong is logged, and tried again."""
    who, wake = holder(), threading.Event()
    sending.warm_up()
    end = heard_events.subscribe(workspace, lambda heard: wake.set())
    try:
        while not stopping.is_set():
            wake.clear()
            try:
                tick(workspace, who, now=_clock)
                wait = _wait(workspace)
            except CourtshipError as error:
                log.warning("notices could not be looked for: %s", error)
                wait = EVERY
            except Exception:
                log.exception("notices stumbled")
                wait = EVERY
            until = time.monotonic() + wait
            while not stopping.is_set() and not wake.is_set() and time.monotonic() < until:
                wake.wait(0.5)
    finally:
        end()
        try:
            store.release(workspace, who)
        except CourtshipError:  # the lease runs out by itself
            log.info("the lease for notices was left to run out")
        workspace.close()


def start(workspace: Workspace) -> Callable[[], None]:
    """Runs in a thread of its own; answers what ends it, waiting at most a few seconds."""
    stopping = threading.Event()
    thread = threading.Thread(target=run, args=(workspace, stopping), name="courtship-notices", daemon=True)
    thread.start()

    def end() -> None:
        stopping.set()
        thread.join(5)

    return end


def _wait(workspace: Workspace) -> float:
    due = store.next_due(workspace)
    return EVERY if due is None else min(EVERY, max(0.2, (due - _clock()) / 1_000_000))


def _clock() -> Micros:
    return time.time_ns() // 1000
