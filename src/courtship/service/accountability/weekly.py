"""The weekly report: what came of each goal, what was written, what partners said; as text, HTML and mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING

from courtship.errors import NotAllowed
from courtship.model import Micros
from courtship.notify import sending
from courtship.notify.letters import Letter
from courtship.plan import checkins as plan_checkins
from courtship.plan import periods
from courtship.plan.checkins import CheckIn
from courtship.plan.goals import Goal, Kept, Streak, Stretch, describe, figure, summary
from courtship.plan.words import Calendar
from courtship.service.accountability import checkins, goals, partners
from courtship.service.accountability.partners import Said
from courtship.service.reckoning.standing import standing
from courtship.store.operations import notices as addresses

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Line:
    """A goal in a week: its periods that end in it or run through it, and the streak as it stands now."""

    goal: Goal
    kept: tuple[Kept, ...]
    streak: Streak


@dataclass(frozen=True, slots=True)
class Report:
    """One week. ``day`` is its first day; ``written`` the check-ins of it, ``said`` what partners said in
    it."""

    brand: str
    zone: str
    day: str
    week: Stretch
    lines: tuple[Line, ...]
    written: tuple[CheckIn, ...]
    said: tuple[Said, ...]
    at: Micros

    @property
    def counts(self) -> tuple[int, int, int]:
        """Periods kept, missed, and not seen."""
        told = [kept.outcome for line in self.lines for kept in line.kept]
        return told.count("kept"), told.count("missed"), told.count("not seen")


def report(workspace: Workspace, *, now: Micros, day: str = "") -> Report:
    """The report of the week whose first day is ``day``, else of the last one that is over. Raises NotAllowed
    where no week begins on that day."""
    held = standing(workspace)
    if day:
        key = f"week:{day}"
    else:
        running = periods.holding(now, "week", held.timezone)
        last = periods.holding(running.start - 1, "week", held.timezone)
        key = plan_checkins.key_of(last, "week", held.timezone)
    _, week = plan_checkins.parse_key(key, held.timezone)
    streaks = {one.goal.id: one.streak for one in goals.stand(workspace, now=now)}
    names = {one.id for one in partners.partners(workspace)}
    return Report(
        held.brand,
        held.timezone,
        key.partition(":")[2],
        week,
        tuple(
            Line(one.goal, one.kept, streaks[one.goal.id]) for one in checkins.shown(workspace, week, now=now)
        ),
        tuple(
            one
            for one in checkins.written(workspace)
            if one.key == key and (not one.writer or one.writer in names)
        ),
        tuple(one for one in partners.said(workspace)[::-1] if week.start <= one.at < week.end),
        now,
    )


def opening(told: Report) -> str:
    """The one sentence that says how the week was."""
    kept, missed, blind = told.counts
    if not told.lines:
        return "No goal was set for this week."
    said = f"{kept} of {kept + missed} kept" if kept + missed else "Nothing could be told yet"
    return f"{said}; {blind} could not be told." if blind else f"{said}."


def letter(workspace: Workspace, told: Report, link: str = "") -> Letter:
    """The report as a message in text and HTML; ``link`` is where the page is, if anywhere."""
    calendar = Calendar(told.zone, told.at)
    title = f"Week of {calendar.day(told.week.start)}: {opening(told)}"
    names = {one.id: one.name for one in partners.partners(workspace)}
    text, html = [opening(told), ""], [f"<p>{escape(opening(told))}</p>", "<ul>"]
    for line in told.lines:
        head = describe(line.goal)
        last = came_of(line.goal, line.kept)
        text += [f"- {head}: {last}"]
        html += [f"<li><strong>{escape(head)}</strong><br>{escape(last)}</li>"]
    text, html = [*text, ""], [*html, "</ul>"]
    for one in told.written:
        who = names.get(one.writer, "You") if one.writer else "You"
        for asked, words in parts(one):
            text += [f"{who}, {asked}:", words, ""]
            html += [f"<p><strong>{escape(who)}, {escape(asked)}</strong><br>{_lines(words)}</p>"]
    for note in told.said:
        said = f"{note.name or 'A former partner'} {SAID[note.sort]}"
        text += [f"{said}: {note.text}".rstrip(": "), ""]
        html += [f"<p><strong>{escape(said)}</strong><br>{_lines(note.text)}</p>"]
    if link:
        text += [link]
        html += [f'<p><a href="{escape(link)}">{escape(link)}</a></p>']
    page = "\n".join(html)
    style = "font: 16px/1.5 sans-serif; color: #222; background: #fff; max-width: 38em; margin: 1em auto"
    body = f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
    return Letter(title, "\n".join(text), f'{body}\n<body style="{style}">\n{page}\n</body></html>\n')


SAID = {"nudge": "gave a nudge", "comment": "wrote", "acknowledge": "has seen it"}


def parts(one: CheckIn) -> list[tuple[str, str]]:
    """What was asked and answered, the empty ones left out."""
    asked = (
        ("what was planned", one.planned),
        ("what stood in the way", one.stood_in_the_way),
        ("what is next", one.next),
    )
    return [(question, words) for question, words in asked if words]


def came_of(goal: Goal, kept: Sequence[Kept]) -> str:
    """What came of a goal: "kept, 9 (goal: 3)", or of several days "kept 4 of 6 days, 1 at rest"."""
    return summary(goal, kept) if len(kept) > 1 else "".join(outcome(goal, one) for one in kept)


def outcome(goal: Goal, kept: Kept) -> str:
    """ "kept, 4 of 3", "missed, 71% (5 of 7)"."""
    said = "not over yet" if kept.outcome == "running" else kept.outcome
    number = figure(goal, kept)
    return f"{said}, {number}" if number else said


def mail(workspace: Workspace, told: Report, link: str = "") -> EmailMessage:
    """The report as a mail without sender or recipient: text, and HTML for those who read that."""
    said = letter(workspace, told, link)
    message = EmailMessage()
    message["Subject"] = " ".join(said.title.split())
    message["Date"] = format_datetime(periods.moment(told.at))
    message.set_content(said.text)
    message.add_alternative(said.html, subtype="html")
    return message


def send(workspace: Workspace, told: Report, to: str, *, base: str) -> sending.Sent:
    """Sends the report to one of the owner's addresses (Settings, Notices), by its name; ``base`` is where
    the pages are. Raises NotAllowed where there is none of the name."""
    held = addresses.addresses(workspace)
    if to not in held:
        known = ", ".join(held) or "none yet"
        raise NotAllowed(
            f"There is no address {to[:60]!r}; there are: {known}. Settings, Notices keeps them."
        )
    words = letter(workspace, told, f"{base}/plan/report?week={told.day}")
    return sending.send(addresses.unlocked(workspace, held[to]), words)


def _lines(words: str) -> str:
    return escape(words).replace("\n", "<br>")
