"""One person's courtship as a terminal picture: the sentence, the time line, receipts, what is missing."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from courtship.cli import tell
from courtship.cli.look import HATCH, clean, cut, day, hue, listed, number, platform_of, short_day, sign, span
from courtship.cli.timeline import TimeLine, lay, numbered
from courtship.service.people.story import Answering, Story

_LATELY = {"warming": "warming", "steady": "steady", "cooling": "cooling", "quiet": "gone quiet"}
GUTTER = 11

ENOUGH = 10
"""Answers from which on "nine times in ten" says something."""


class StoryPicture:
    """Draws a `Story` as wide as the console, at most 110 columns."""

    def __init__(self, story: Story) -> None:
        self.story = story

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(options.max_width, 110) - 2
        parts = [
            *self._head(),
            Text(),
            *self._line(lay(self.story, width - GUTTER)),
            Text(),
            *self._receipts(),
            *self._missing(),
            *self._more(),
        ]
        yield Padding(Group(*parts), (1, 1))

    @property
    def _name(self) -> str:
        return tell.called(self.story)

    @property
    def _first(self) -> str:
        return tell.first_name(self.story)

    def _stage(self, stage: str) -> str:
        return hue(stage, self.story.ladder)

    def _head(self) -> list[Text]:
        story, report = self.story, self.story.report
        where = listed(sorted({platform_of(account) for account in story.accounts}))
        who = Text.assemble((self._name, "bold"))
        handle = cut(story.handle, 40)
        if handle and handle != self._name:
            who.append(f"  {handle}", style="dim")
        who.append(f"  {where}  {story.person}", style="dim")
        least = "" if report.certain else "at least "
        stands = Text.assemble(
            (
                f"{sign(report.stage, story.ladder)}  {least}{report.stage}",
                f"bold {self._stage(report.stage)}",
            ),
            "" if story.beyond else f"  since {day(report.since)}",
        )
        heard = tell.last_heard(story)
        if heard:
            stands.append(f"  {heard}", style="dim")
        elif story.momentum:
            stands.append(f"  {_LATELY[story.momentum]}")
        if story.set_aside:
            stands.append(f"  set aside as {story.set_aside}", style="dim")
        return [who, stands, Text(), Text(tell.opening(story), style="italic")]

    def _line(self, line: TimeLine) -> list[Text]:
        name = self._first
        if cell_len(name) >= GUTTER:
            name = set_cell_size(name, GUTTER - 2) + "…"
        label = {
            "strong": "introduces" if any(mark == "◆" for mark in line.theirs.strong) else "follows",
            "words": "speaks",
            "light": "looks on",
        }
        drawn = [self._row("", line.marks, "bold"), self._bands(line)]
        drawn += [
            self._row(label["strong"], line.theirs.strong),
            self._row(label["words"], line.theirs.words),
            self._row(label["light"], line.theirs.light),
            self._row(name, line.axis, "dim", label_style="bold"),
            self._row("you look", line.ours.light),
            self._row("you speak", line.ours.words),
        ]
        if any(mark != " " for mark in line.ours.strong):
            drawn.append(self._row("you follow", line.ours.strong))
        drawn.append(self._row("", line.dates, "dim"))
        return [*drawn, Text(), self._key(line)]

    def _row(self, label: str, row: list[str], style: str = "", label_style: str = "dim") -> Text:
        text = Text(no_wrap=True)
        text.append(set_cell_size(label, GUTTER), style=label_style)
        text.append("".join(row), style=style)
        text.highlight_regex(f"{HATCH}+", "dim")
        return text

    def _bands(self, line: TimeLine) -> Text:
        text = Text(f"{'stage':<{GUTTER}}", style="dim", no_wrap=True)
        for band in line.bands:
            room = band.end - band.start
            said = f"▌{band.stage} "[:room] if room > len(band.stage) else "▌"
            style = f"bold not dim {self._stage(band.stage)}"
            text.append(said + ("━" if band.stage != "aware" else "╌") * (room - len(said)), style=style)
        return text

    def _key(self, line: TimeLine) -> Text:
        used = {
            mark for side in (line.theirs, line.ours) for row in (side.words, side.strong) for mark in row
        }
        light = any(mark != " " and mark != HATCH for side in (line.theirs, line.ours) for mark in side.light)
        keys = [
            ("⣤", "looks, likes", light),
            ("●", "words in public", "●" in used),
            ("○", "in private", "○" in used),
            ("▲", "follow", "▲" in used),
            ("◆", "share", "◆" in used),
            ("✕", "block", "✕" in used),
            (HATCH * 2, "not seen", line.unseen_from is not None),
        ]
        return Text("  ".join(f"{mark} {words}" for mark, words, there in keys if there), style="dim")

    def _receipts(self) -> list[Text | Table]:
        story = self.story
        changes = list(enumerate(story.announced))
        if not changes:
            return []
        acts = {act.id: act for act in story.acts}
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True, justify="right", style="dim")
        grid.add_column(no_wrap=True)
        grid.add_column(ratio=1)
        for index, one in reversed(changes[-8:]):
            cause = acts.get(one.activity) if one.activity else None
            stage = Text(f"{sign(one.after, story.ladder):<3} {one.after}", style=self._stage(one.after))
            why = Text(tell.change(story, one, cause), overflow="fold")
            grid.add_row(numbered(index), short_day(one.at), stage, why)
        earlier = len(changes) - 8
        rest = [Text(f"and {earlier} changes before these: courtship person --json", style="dim")]
        return [Text("How it came", style="bold"), grid, *(rest if earlier > 0 else []), Text()]

    def _missing(self) -> list[Text]:
        story = self.story
        if not story.report.missing:
            return []
        stage = story.report.missing[0].stage
        lines = [Text.assemble(("What is missing for ", "bold"), (stage, f"bold {self._stage(stage)}"))]
        choices = [item for item in story.report.missing if item.rule == "any"]
        for item in story.report.missing:
            start = "or " if item.rule == "any" and item is not choices[0] else ""
            line = Text(f"· {start}{tell.missing(item, self._first)}")
            if tell.seen(item):
                line.append(f"  {HATCH}{HATCH} {tell.seen(item)}", style="dim")
            lines.append(line)
        if not story.report.certain:
            lines.append(
                Text(f"So {self._first} stands at least at {story.report.stage}, perhaps further on.")
            )
        return [*lines, Text()]

    def _more(self) -> list[Text]:
        story, lines = self.story, []
        if story.report.until is not None and not tell.last_heard(story):
            lines.append(
                Text(
                    f"{story.report.stage.capitalize()} is safe until {day(story.report.until)}, "
                    "if nobody says another word."
                )
            )
        answers = [
            said
            for said in (
                _answers(self._first, "you", story.theirs, "answers"),
                _answers("You", self._first, story.ours, "answer"),
            )
            if said
        ]
        lines += [Text(said) for said in (*tell.breadth(story), *answers)]
        for link in story.why:
            how = f"joined by you (decision {link.position})" if link.position else "; ".join(link.records)
            lines.append(Text(clean(f"{link.a} = {link.b}  {how}"), style="dim", overflow="fold"))
        return lines


def _waiting(who: str, whom: str, side: Answering | None) -> str:
    if side is None or not side.waiting + side.unknown:
        return ""
    if not side.waiting:
        return f"Whether {who.replace('You', 'you')} answered {whom} cannot be seen here."
    one = side.waiting == 1
    what = f"{'One thing' if one else number(side.waiting) + ' things'} {whom} said"
    return f"{what} {'waits' if one else 'wait'} for {'your' if who == 'You' else 'an'} answer."


def _answers(who: str, whom: str, side: Answering | None, verb: str) -> str:
    if side is None or not side.talk:
        return _waiting(who, whom, side)
    times = "1 time" if side.talk == 1 else f"{number(side.talk)} times"
    said = f"{who} {verb} {whom} {number(side.answered)} of {times}"
    if side.median is None:
        return said + "."
    if side.answered == 1:
        return f"{said}, after {span(side.median)}."
    said += f", after {span(side.median)} in the middle"
    tenth = side.p90 if side.p90 is not None and side.answered >= ENOUGH else None
    return said + (f", within {span(tenth)} nine times in ten." if tenth is not None else ".")
