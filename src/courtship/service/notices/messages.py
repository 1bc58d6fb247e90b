"""The words of what is told, read when it is sent: of one thing a message of its own, of several one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from courtship.model import Micros
from courtship.notify.letters import Item, Letter, Part, letter
from courtship.plan import notice_words as words
from courtship.plan.notices import Rule
from courtship.plan.settling import settle
from courtship.plan.words import Calendar, plural, shortened
from courtship.service.notices import notices, weekly_report
from courtship.service.people.whose import people_now
from courtship.service.reckoning.standing import standing
from courtship.service.today import today
from courtship.store.derived import cues as table
from courtship.store.operations import notices as store
from courtship.store.operations.notices import Delivery

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

LISTED = 20
"""So many are listed in one message."""
KINDS_OF_PARTS = {
    "waiting": "Waiting for an answer",
    "act": "What they did",
    "new": "New here",
    "stage": "Closer, or further away",
    "quiet": "Gone quiet",
}


def message(workspace: Workspace, batch: Sequence[Delivery], now: Micros) -> tuple[Letter | None, set[int]]:
    """The words of these deliveries, read now, and the ids of those about which there is nothing to say any
    more: a person who was forgotten or set aside, an act that was withdrawn, words that were answered."""
    if batch[0].sort == "report":
        report = weekly_report.told(workspace, batch[0], now)
        return report, set() if report else {one.id for one in batch}
    base, brand = notices.base(workspace), standing(workspace).brand or "Courtship"
    every = {rule.id: rule for rule in notices.rules(workspace)}
    now_is = people_now(workspace, {one.person for one in batch})
    people = table.standings(workspace, set(now_is.values()))
    told = table.told(workspace, {one.record for one in batch if one.record})
    open_acts = _open(workspace, [one for one in batch if one.sort == "waiting"], now)
    calendar, open_with = Calendar(standing(workspace).timezone, now), today.open_with(workspace, now=now)
    parts: dict[str, list[Item]] = {}
    gone: set[int] = set()
    seen: set[str] = set()
    for one in batch:
        person, act = people.get(now_is.get(one.person, "")), told.get(one.record)
        lost = one.record and act is None
        if person is None or lost or (one.sort == "waiting" and one.id not in open_acts):
            gone.add(one.id)
            continue
        if one.event in seen:
            continue
        seen.add(one.event)
        place = f"?for={person.person}" if person.person in open_with else f"people/{person.person}"
        item = _item(one, person, act.text if act is not None else "", calendar, f"{base}/{place}")
        if one.sort == "stage" and one.kind == "activity" and (reason := _moved(workspace, one, person)):
            item = replace(item, reason=reason)
        parts.setdefault(one.sort, []).append(item)
    if not parts:
        return None, gone
    kept = [one for one in batch if one.id not in gone]
    count = sum(len(some) for some in parts.values())
    if count == 1:
        (item,) = next(iter(parts.values()))
        said = letter(
            f"{brand}: {item.said}",
            "",
            [Part("", [item])],
            foot=_foot(kept[:1], every, workspace),
            link=f"{base}/settings/notices",
        )
        return said, gone
    made = [
        Part(KINDS_OF_PARTS[sort], parts[sort][-LISTED:], max(0, len(parts[sort]) - LISTED))
        for sort in KINDS_OF_PARTS
        if sort in parts
    ]
    weekly = any(one.rule in every and every[one.rule].when == "weekly" for one in kept)
    when = ("this week" if weekly else "since yesterday") if kept[0].gathered else "just now"
    said = letter(
        f"{brand}: {plural(count, 'thing')} {when}",
        f"{plural(count, 'thing')} happened {when} that you wanted to hear of.",
        made,
        foot="Your rules are here:",
        link=f"{base}/settings/notices",
    )
    return said, gone


def _item(
    one: Delivery,
    person: table.Standing,
    text: str,
    calendar: Calendar,
    link: str,
) -> Item:
    name = person.name or person.handle or "Somebody without a name"
    match one.sort:
        case "stage":
            said = words.stage_said(
                name,
                one.before,
                one.after,
                certain=person.certain or person.stage != one.after,
                lapse=one.kind == "lapse",
            )
        case "waiting":
            said = words.waiting_said(name, one.kind, one.platform, one.hours)
        case "quiet":
            said = words.quiet_said(name, calendar, person.last_contact_at or one.at)
        case _:
            said = words.act_said(name, one.kind, one.platform, calendar, one.at)
    return Item(said, shortened(text, 280), words.reason_of(one.sort, one.kind), link)


def _moved(workspace: Workspace, one: Delivery, person: table.Standing) -> str:
    accounts = table.accounts_of(workspace, [person.person]).get(person.person, [])
    by = store.mover(workspace, person.person, one.at, accounts)
    return words.moved_said(by.kind, theirs=by.theirs) if by is not None else ""


def _open(workspace: Workspace, waiting: Sequence[Delivery], now: Micros) -> set[int]:
    """Those of these waits that still are: not answered since, nor settled."""
    if not waiting:
        return set()
    now_is = people_now(workspace, {one.person for one in waiting})
    persons = set(now_is.values())
    held = {cue.record for sort in ("talk", "share") for cue in table.of_people(workspace, sort, persons)}
    settled = settle(today.declarations(workspace, now).decisions, now)
    told = table.told(workspace, {one.record for one in waiting})
    return {
        one.id
        for one in waiting
        if one.record in held
        and one.record in told
        and not settled.over(
            "thank" if one.kind in ("share", "quote", "endorse") else "answer",
            now_is.get(one.person, one.person),
            told[one.record].at,
        )
    }


def _foot(kept: Sequence[Delivery], every: dict[str, Rule], workspace: Workspace) -> str:
    rule = every.get(kept[0].rule)
    if rule is None:
        return "By a rule of yours that is no more:"
    return f"Your rule: {notices.said(workspace, [rule])[rule.id]}."
