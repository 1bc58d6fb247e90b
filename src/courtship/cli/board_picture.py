"""The lifecycle board as a terminal picture: the sentence, a bar for each stage, what cannot be seen."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.padding import Padding
from rich.text import Text

from courtship.cli.look import HATCH, MEANING, PLATFORMS, day, hue, number, people, sign
from courtship.service.people.audience import Audience, Rung, Unseen

_EIGHTHS = " ▏▎▍▌▋▊▉"
_LATELY = {"warming": "↗", "steady": "→", "cooling": "↘", "quiet": "·"}


class BoardPicture:
    """Draws an `Audience` as wide as the console, from 60 columns on; at most 100."""

    def __init__(self, audience: Audience) -> None:
        self.audience = audience

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(options.max_width, 100) - 2
        audience = self.audience
        lines: list[Text] = [
            Text.assemble((audience.brand or "Your audience", "bold"), (f"  {day(audience.at)}", "dim")),
            Text(),
            Text(sentence(audience), style="italic"),
            Text(),
            *self._bars(width),
        ]
        if audience.unseen:
            lines += [Text(), *(_noted(HATCH * 2, _unseen(one), "dim") for one in audience.unseen)]
        lines += [Text(), *self._after()] if self._after() else []
        yield Padding(Group(*lines), (1, 1))

    def _bars(self, width: int) -> list[Text]:
        shown = [rung for rung in self.audience.rungs if rung.people or rung.stage != "parted"]
        longest = max((len(rung.stage) for rung in shown), default=0)
        digits = max((len(number(rung.people)) for rung in shown), default=1)
        notes = [_note(rung) for rung in shown]
        said = [MEANING.get(rung.stage, "") if width >= 90 else "" for rung in shown]
        column = max((len(words) + 2 for words in said if words), default=0)
        before = 5 + longest + 2 + column + digits + 2
        room = width - before - max((len(note) + 2 for note in notes), default=0)
        most = max((rung.people for rung in shown), default=0)
        drawn = []
        for rung, note, words in zip(shown, notes, said, strict=True):
            colour = hue(rung.stage, self.audience.ladder)
            line = Text(no_wrap=True)
            line.append(f"{sign(rung.stage, self.audience.ladder):<5}", style=colour)
            line.append(f"{rung.stage:<{longest}}  ", style=f"bold {colour}")
            line.append(f"{words:<{column}}", style="dim")
            line.append(f"{number(rung.people):>{digits}}  ", style="bold")
            line.append(_bar(rung, most, room), style=colour)
            line.append(f"  {note}", style="dim")
            drawn.append(line)
        if any(rung.perhaps for rung in shown):
            key = f"█ certain   {HATCH} at least this stage: the next cannot be fully seen"
            drawn += [Text(), Text(" " * min(before, max(width - len(key), 0)) + key, style="dim")]
        return drawn

    def _after(self) -> list[Text]:
        audience, lines = self.audience, []
        if audience.moved is not None:
            lines.append(_noted("⇅", _moved(audience), ""))
        if audience.lately:
            lately = "   ".join(
                f"{_LATELY.get(word, ' ')} {number(amount)} {'gone quiet' if word == 'quiet' else word}"
                for word, amount in audience.lately
            )
            lines.append(_noted("", lately, ""))
        if audience.set_aside:
            lines.append(_noted("", f"{people(audience.set_aside)} set aside, in no count", "dim"))
        return lines


def sentence(audience: Audience) -> str:
    """How things are, in one plain sentence. Uncertain counts are said as such."""
    count = {rung.stage: rung for rung in audience.rungs}
    total = sum(rung.people for rung in audience.rungs)
    if not total:
        return "Nobody here yet: bring in an export with `courtship import`, or look at `courtship demo`."
    if audience.ladder == ("like", "know", "trust"):
        trust, know, like = (count[stage] for stage in ("trust", "know", "like"))
        if trust.people:
            have = "person has" if trust.people == 1 else "people have"
            told = f"{number(trust.people)} {have} introduced you to their friends"
            more = f"{_least(know)}{number(know.people)} more"
            if know.people:
                return f"{told}, and {more} {'talks' if know.people == 1 else 'talk'} with you."
            return f"{told}."
        if know.people:
            return (
                f"{_least(know).capitalize()}{people(know.people)} {_talk(know)} with you, {_among(total)}."
            )
        if like.people:
            shows = "shows" if like.people == 1 else "show"
            return f"{_least(like).capitalize()}{people(like.people)} {shows} interest, {_among(total)}."
        return (
            f"{people(total).capitalize()} {'has' if total == 1 else 'have'} met you; nobody has warmed yet."
        )
    top = next(rung for rung in reversed(audience.rungs) if rung.people and rung.stage != "parted")
    least = "at least " if top.perhaps else ""
    return f"{people(total)}, {number(top.people)} of them {least}{top.stage}."


def _talk(rung: Rung) -> str:
    return "talks" if rung.people == 1 else "talk"


def _among(total: int) -> str:
    return f"among {number(total)} who have met you"


def _least(rung: Rung) -> str:
    return "at least " if rung.perhaps else ""


def _bar(rung: Rung, most: int, room: int) -> str:
    """Solid for the certain, hatched for "at least"; never nothing where there is somebody."""
    if not rung.people or not most or room < 1:
        return " " * max(room, 0)
    eighths = max(round(rung.people * room * 8 / most), 1)
    hatched = min(round(rung.perhaps * room / most), eighths // 8)
    if rung.perhaps and not hatched:
        if rung.perhaps == rung.people:
            return HATCH.ljust(room)
        hatched = 1 if eighths >= 16 else 0
    if rung.perhaps == rung.people:
        return (HATCH * max(hatched, 1)).ljust(room)
    whole, part = divmod(eighths - hatched * 8, 8)
    solid = "█" * whole + (_EIGHTHS[part].strip() if not hatched else "")
    return (solid + HATCH * hatched).ljust(room)


def _note(rung: Rung) -> str:
    if not rung.people:
        return "nobody yet"
    return f"{number(rung.perhaps)} perhaps further on" if rung.perhaps else "all certain"


def _unseen(one: Unseen) -> str:
    """``Instagram shows what you did, not what others did, and nothing after 30 September 2026.``"""
    name = PLATFORMS.get(one.platform, one.platform.capitalize())
    name = name[:1].upper() + name[1:]
    shows = "shows what you did and not what others did" if one.others else ""
    shows = shows or ("shows only part of what others did" if one.partly else "")
    until = f"nothing after {day(one.until)}" if one.until is not None else ""
    if shows and until:
        return f"{name} {shows}, and {until}."
    return f"{name} {shows}." if shows else f"{name} shows {until}."


def _moved(audience: Audience) -> str:
    moved = audience.moved
    assert moved is not None
    if not (moved.new or moved.up or moved.down):
        return f"Nobody moved in the last {moved.days} days."
    parts = [
        f"{number(amount)} {words}"
        for amount, words in ((moved.new, "new"), (moved.up, "moved up"), (moved.down, "moved down"))
        if amount
    ]
    return f"In the last {moved.days} days: {', '.join(parts)}."


def _noted(mark: str, words: str, style: str) -> Text:
    return Text(f"{mark:<3}{words}" if mark else words, style=style, overflow="fold")
