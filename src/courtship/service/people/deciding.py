"""What the owner declares on a page: tags, notes, rhythms, kept filters, settings; and undo of any of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from courtship.errors import NotAllowed
from courtship.model import Decision, Micros
from courtship.service.people.whose import people_now
from courtship.store.derived.cues import people_stamp

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

_tags: dict[tuple[str, str], tuple[str, dict[str, tuple[str, ...]]]] = {}


@dataclass(frozen=True, slots=True)
class Note:
    """A note about a person; ``position`` names it when it is taken away."""

    position: int
    text: str
    at: Micros


def undo(workspace: Workspace, positions: Collection[int], *, now: Micros) -> list[Decision]:
    """Takes back the decisions at these positions, those that still stand."""
    standing = {d.position for d in workspace.decisions() if d.verb != "undo"}
    made = [
        Decision("undo", "", {"position": position}, now)
        for position in sorted(positions)
        if position in standing
    ]
    return workspace.decide(*made) if made else []


def tag(workspace: Workspace, people: Iterable[str], tag: str, *, on: bool, now: Micros) -> list[Decision]:
    """Puts a tag on people, or takes it off. Raises NotAllowed for an empty tag."""
    tag = " ".join(tag.split())[:60]
    if not tag:
        raise NotAllowed("A tag needs a word; write one and press Tag.")
    held = tags_of(workspace)
    wanted = [p for p in people if (tag in held.get(p, ())) != on]
    verb = "tag.add" if on else "tag.remove"
    return (
        workspace.decide(*(Decision(verb, person, {"tag": tag}, now) for person in wanted)) if wanted else []
    )


def tags_of(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    """The tags of everybody who has one, by the id that they now have; kept in memory until the log or the
    people's tables change."""
    key, stamp = (str(workspace.home), workspace.name), f"{workspace.position()}:{people_stamp(workspace)}"
    kept = _tags.get(key)
    if kept is None or kept[0] != stamp:
        kept = _tags[key] = (stamp, _tags_of(workspace))
    return dict(kept[1])


def _tags_of(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    decided = workspace.decisions("tag.add", "tag.remove")
    now = people_now(workspace, {decision.subject for decision in decided})
    held: dict[str, set[str]] = {}
    for decision in decided:
        tags = held.setdefault(now.get(decision.subject, decision.subject), set())
        (tags.add if decision.verb == "tag.add" else tags.discard)(str(decision.detail["tag"]))
    return {person: tuple(sorted(tags)) for person, tags in held.items() if tags}


def tagged_now(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    """The tags of everybody who has one, by the id of the person as they are joined now."""
    held = tags_of(workspace)
    now = people_now(workspace, held)
    found: dict[str, set[str]] = {}
    for ref, tags in held.items():
        found.setdefault(now.get(ref, ref), set()).update(tags)
    return {person: tuple(sorted(tags)) for person, tags in found.items()}


def note(workspace: Workspace, person: str, text: str, *, now: Micros) -> list[Decision]:
    """Keeps a note about a person. Raises NotAllowed for an empty one."""
    if not text.strip():
        raise NotAllowed("A note needs some words.")
    return workspace.decide(Decision("note.add", person, {"text": text.strip()[:4000]}, now))


def take_note_away(workspace: Workspace, person: str, position: int, *, now: Micros) -> list[Decision]:
    """Withdraws the note at a position."""
    return workspace.decide(Decision("note.remove", person, {"position": position}, now))


def notes_of(workspace: Workspace, refs: Collection[str]) -> list[Note]:
    """The notes about a person under any of their ids, newest first."""
    decided = workspace.decisions("note.add", "note.remove")
    gone = {d.detail.get("position") for d in decided if d.verb == "note.remove"}
    return [
        Note(d.position, str(d.detail["text"]), d.at)
        for d in reversed(decided)
        if d.verb == "note.add" and d.subject in refs and d.position not in gone
    ]


def set_rhythm(
    workspace: Workspace, subject: str, ideal: int, longest: int, *, now: Micros
) -> list[Decision]:
    """How often to be in touch with a person (or ``tag:NAME``). Raises NotAllowed where ideal > longest."""
    if not 1 <= ideal <= longest <= 3650:
        raise NotAllowed("Ideal and longest are whole days, ideal not above longest; for example 21 and 70.")
    detail = {"ideal_days": ideal, "longest_days": longest}
    return workspace.decide(Decision("rhythm.set", subject, detail, now))


def rhythms(workspace: Workspace) -> dict[str, tuple[int, int]]:
    """The newest (ideal, longest) in days of every person, by the id that they now have, and of every tag
    (``tag:NAME``) that has one."""
    decided = workspace.decisions("rhythm.set")
    now = people_now(workspace, {d.subject for d in decided if not d.subject.startswith("tag:")})
    return {
        now.get(d.subject, d.subject): (int(d.detail["ideal_days"]), int(d.detail["longest_days"]))
        for d in decided
    }


def keep_view(workspace: Workspace, name: str, query: str, *, now: Micros) -> list[Decision]:
    """Keeps a filter under a name. Raises NotAllowed for an empty name."""
    name = " ".join(name.split())[:40]
    if not name:
        raise NotAllowed("A filter needs a name to be kept under.")
    return workspace.decide(Decision("view.save", name, {"name": name, "query": query[:2000]}, now))


def forget_view(workspace: Workspace, name: str, *, now: Micros) -> list[Decision]:
    """Withdraws a kept filter."""
    return workspace.decide(Decision("view.remove", name, {"name": name}, now))


def set_settings(workspace: Workspace, values: Mapping[str, Any], *, now: Micros) -> list[Decision]:
    """Sets each setting that differs from its newest value."""
    held = {d.subject: d.detail.get("value") for d in workspace.decisions("setting.set")}
    changed = {name: value for name, value in values.items() if held.get(name) != value}
    made = [Decision("setting.set", name, {"value": value}, now) for name, value in changed.items()]
    return workspace.decide(*made) if made else []


def deny(workspace: Workspace, activity: str, *, now: Micros) -> list[Decision]:
    """The owner says that an activity never was."""
    return workspace.decide(Decision("activity.deny", activity, {}, now))
