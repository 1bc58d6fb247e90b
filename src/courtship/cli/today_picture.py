"""Today's queue at the terminal: one sentence, then each thing with its reason and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.padding import Padding
from rich.text import Text

from courtship.cli.look import clean, cut, day, hue, number, sign
from courtship.model import Micros
from courtship.plan.task import Queue, Task

SMALL = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


class TodayPicture:
    """Draws a `Queue` as wide as the console, at most 100 columns."""

    def __init__(self, queue: Queue, ladder: Sequence[str], at: Micros) -> None:
        self.queue = queue
        self.ladder = ladder
        self.at = at

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(options.max_width, 100)
        head = Text.assemble(("Today", "bold"), (f"  {day(self.at)}", "dim"))
        parts: list[Text | Padding] = [head, Text(), Text(sentence(self.queue), style="italic")]
        for task in self.queue.tasks:
            parts += [Text(), *self._task(task, width)]
        if self.queue.more:
            parts += [Text(), Text(f"{number(self.queue.more)} more can wait.", style="dim")]
        yield Padding(Group(*parts), (1, 1))

    def _task(self, task: Task, width: int) -> list[Text | Padding]:
        title = Text(clean(task.title), style="bold")
        if task.stage:
            least = "" if task.certain else "at least "
            style = hue(task.stage, self.ladder)
            title.append(f"  {sign(task.stage, self.ladder)} {least}{task.stage}", style=f"not bold {style}")
        lines: list[Text] = [Text(clean(task.reason))]
        lines += [
            Text(f"“{cut(one.text, 2 * width)}”", style="italic dim") for one in task.evidence[:1] if one.text
        ]
        if task.link:
            lines.append(Text(clean(task.link), style=f"dim link {clean(task.link)}", overflow="fold"))
        return [title, Padding(Group(*lines), (0, 0, 0, 2))]


def sentence(queue: Queue) -> str:
    """How the day stands, in one sentence."""
    count = len(queue.tasks)
    if not count:
        return "Nothing waits for you today."
    words = SMALL[count] if count < len(SMALL) else number(count)
    return f"{words} {'thing' if count == 1 else 'things'} to do, best first."
