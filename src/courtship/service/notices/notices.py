"""What the owner is told: rules and addresses, set by the owner. ``notifying.py`` sends."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from courtship.errors import NotAllowed
from courtship.model import Decision, Micros
from courtship.notify import sending
from courtship.notify.letters import Item, Part, letter
from courtship.plan.notice_words import rule_said
from courtship.plan.notices import Hours, Rule, rule_of
from courtship.service.people.whose import people_now
from courtship.service.reckoning.standing import standing
from courtship.store.derived import cues as table
from courtship.store.operations import notices as store

if TYPE_CHECKING:
    from courtship.store.operations.notices import NoticeAddress
    from courtship.store.workspace import Workspace

BASE = "http://127.0.0.1:8000"
"""Where the pages are, unless the setting ``notices.base`` says otherwise."""


def rules(workspace: Workspace) -> list[Rule]:
    """The rules in force, oldest first; what a decision says that is no rule is left out."""
    held: dict[str, Rule] = {}
    for decision in workspace.decisions("rule.set", "rule.remove"):
        if decision.verb == "rule.remove":
            held.pop(decision.subject, None)
            continue
        try:
            held[decision.subject] = rule_of(decision.subject, decision.detail, decision.at)
        except NotAllowed:
            continue
    people = {rule.who for rule in held.values() if rule.who and not rule.who.startswith("tag:")}
    if not people:
        return list(held.values())
    now = people_now(workspace, people)
    return [_of_person(rule, now.get(rule.who, rule.who)) for rule in held.values()]


def _of_person(rule: Rule, person: str) -> Rule:
    if not rule.who or rule.who.startswith("tag:"):
        return rule
    return rule_of(rule.id, {**rule.detail(), "who": person}, rule.since)


def set_rule(workspace: Workspace, detail: Mapping[str, Any], *, now: Micros) -> tuple[Rule, list[Decision]]:
    """A new rule. Raises NotAllowed where it is none, or names an address, person or stage that is not
    there."""
    rule = rule_of(secrets.token_hex(3), detail, now)
    if rule.to not in store.addresses(workspace):
        known = ", ".join(store.addresses(workspace)) or "none yet; add one first"
        raise NotAllowed(f"There is no address {rule.to!r}; there are: {known}.")
    if rule.who and not rule.who.startswith("tag:") and not people_now(workspace, {rule.who}):
        raise NotAllowed(f"{rule.who} is nobody's id or account; use an account as it is on their page.")
    ladder = ("aware", *standing(workspace).ladder, "parted")
    if wrong := sorted(set(rule.stages) - set(ladder)):
        raise NotAllowed(f"{wrong[0]!r} is no stage; use one of: {', '.join(ladder)}.")
    rule = _of_person(rule, people_now(workspace, {rule.who}).get(rule.who, rule.who) if rule.who else "")
    store.begin(workspace)
    return rule, workspace.decide(Decision("rule.set", rule.id, rule.detail(), now))


def remove_rule(workspace: Workspace, id: str, *, now: Micros) -> list[Decision]:
    """Ends a rule. Raises NotAllowed where there is none."""
    if id not in {rule.id for rule in rules(workspace)}:
        known = ", ".join(rule.id for rule in rules(workspace)) or "none yet"
        raise NotAllowed(f"There is no rule {id!r}; there are: {known}.")
    return workspace.decide(Decision("rule.remove", id, {}, now))


def said(workspace: Workspace, every: list[Rule]) -> dict[str, str]:
    """Each rule's id -> the rule in one sentence."""
    names = table.standings(workspace, {rule.who for rule in every if rule.who})
    whom = {person: one.name or one.handle for person, one in names.items()}
    return {rule.id: rule_said(rule, whom.get(rule.who, "")) for rule in every}


def addresses(workspace: Workspace) -> dict[str, NoticeAddress]:
    """Where notices may go, by name."""
    return store.addresses(workspace)


def keep_address(workspace: Workspace, name: str, url: str, *, now: Micros) -> str:
    """Keeps an Apprise address under a name; answers it without its secrets. Raises NotAllowed where it is
    none."""
    name = " ".join(name.split())[:40]
    if not name:
        raise NotAllowed("An address needs a name, such as phone.")
    masked = sending.shown(url.strip())
    store.keep_address(workspace, name, url.strip(), masked, now=now)
    return masked


def forget_address(workspace: Workspace, name: str) -> None:
    """Deletes an address. Raises NotAllowed where there is none, or where a rule still tells it."""
    if name not in store.addresses(workspace):
        known = ", ".join(store.addresses(workspace)) or "none yet"
        raise NotAllowed(f"There is no address {name!r}; there are: {known}.")
    if used := [rule.id for rule in rules(workspace) if rule.to == name]:
        raise NotAllowed(f"Rule {used[0]} still tells {name}; remove the rule first.")
    store.forget_address(workspace, name)


def test(workspace: Workspace, address: str, *, now: Micros) -> sending.Sent:
    """Sends a few words to an address, by its name or as Apprise writes it, to see that they arrive."""
    held = store.addresses(workspace)
    url = store.unlocked(workspace, held[address]) if address in held else address
    brand = standing(workspace).brand or "Courtship"
    words = letter(
        f"{brand}: this address works",
        "These words were sent to see whether they arrive.",
        [Part("", [Item("What you asked to be told of comes here.", link=base(workspace) + "/")])],
        foot="You asked for this on the page of notices:",
        link=base(workspace) + "/settings/notices",
    )
    return sending.send(url, words)


def base(workspace: Workspace) -> str:
    """The address of the pages, without a slash at its end."""
    return str(standing(workspace).settings.get("notices.base") or BASE).rstrip("/")


def hours(workspace: Workspace) -> Hours:
    """The owner's quiet hours and mornings."""
    held = standing(workspace)
    return Hours.of(held.timezone, held.settings)
