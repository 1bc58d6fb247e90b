"""A task as its template needs it, in the words and signs of the page."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from courtship.plan.task import Task
from courtship.web import words
from courtship.web.frame import FRAME

ALREADY = {"welcome": "Met elsewhere", "touch": "Met elsewhere", "give": "Given elsewhere"}
VOUCHED = frozenset({"share", "quote", "endorse"})
"""By these somebody introduces the brand to friends."""
WAITS = {"answer", "step"}


@dataclass(frozen=True, slots=True)
class Line:
    """A task as its template needs it."""

    key: str
    person: str
    verb: str
    name: str
    stage: str
    certain: bool
    why: SafeString
    quote: str
    quoted: SafeString | str
    link: str
    place: str
    already: str


def line(task: Task) -> Line:
    """A task in the words and signs of the page."""
    said = next((e for e in task.evidence if e.text), None)
    quoted: SafeString | str = ""
    if said:
        quoted = format_html('<time datetime="{}">{}</time>', words.iso(said.at), words.day(said.at))
    return Line(
        key=task.key,
        person=task.person,
        verb=task.verb,
        name=task.name,
        stage=task.stage,
        certain=task.certain,
        why=marked(FRAME.get().hide(task.reason, task.name, task.person), task.marks),
        quote=said.text[:400] + ("…" if len(said.text) > 400 else "") if said else "",
        quoted=quoted,
        link=task.link if task.link.startswith(("https://", "http://")) else "",
        place=words.platform_title(task.platform) if task.platform else "the platform",
        already=ALREADY.get(task.action, "Answered elsewhere"),
    )


def marked(reason: str, marks: tuple[str, ...]) -> SafeString:
    """The reason with the shared words marked; everything escaped."""
    html = str(conditional_escape(reason))
    for word in marks:
        safe = str(conditional_escape(word))
        # the list of them ends the sentence: the last place is the one that is meant
        before, found, after = html.rpartition(safe)
        html = f"{before}<mark>{safe}</mark>{after}" if found else html
    return mark_safe(html)  # noqa: S308 - escaped above, marks added after


def lead(tasks: tuple[Task, ...]) -> str:
    """How things are, in one sentence."""
    if not tasks:
        return "Nothing is asked of you today."
    frame = FRAME.get()
    waiting = [t for t in tasks if t.action in WAITS]
    thanks = [t for t in tasks if t.action == "thank" and t.evidence and t.evidence[0].kind in VOUCHED]
    new = [t for t in tasks if t.action == "welcome"]
    parts = []
    if len(waiting) == 1:
        parts.append(f"{frame.name(waiting[0].name, waiting[0].person)} waits for a word from you")
    elif waiting:
        parts.append(f"{words.counted(len(waiting))} people wait for a word from you")
    if thanks:
        names = [frame.name(t.name, t.person) for t in thanks[:2]]
        parts.append(
            f"{words.listed(names)} {'has' if len(names) == 1 else 'have'} introduced you to friends"
        )
    if new and len(parts) < 2:
        names = [frame.name(t.name, t.person) for t in new[:2]]
        parts.append(f"{words.listed(names)} {'is' if len(names) == 1 else 'are'} new here")
    if not parts:
        first = tasks[0]
        if not first.person:
            return f"{first.verb} {first.name}, and the rest can be trusted again."
        return f"{words.counted(len(tasks))} {'thing' if len(tasks) == 1 else 'things'} would do good today."
    return f"{' and '.join(parts) if len(parts) == 1 else ', and '.join(parts)}."
