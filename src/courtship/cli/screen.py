"""Where things are written: answers on standard output, progress and messages on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


class Advance(Protocol):
    """Told of progress: at what it is, how much is done, and of how much where that is known."""

    def __call__(self, what: str, done: int, total: int | None = None) -> None: ...


def write_json(value: object) -> None:
    """One JSON value and a line break on standard output."""
    write_lines([value])


def write_lines(values: Iterable[object]) -> None:
    """JSON Lines on standard output, UTF-8 whatever the terminal's locale."""
    import orjson

    out = sys.stdout.buffer
    for value in values:
        out.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))
    out.flush()


def show(*parts: RenderableType) -> None:
    """Something to look at, on standard output."""
    console().print(*parts, sep="\n")


def say(words: str) -> None:
    """One line on standard error. What others wrote in it cannot steer the terminal."""
    sys.stderr.write("".join(one if one.isprintable() or one in "\n\t" else " " for one in words) + "\n")
    sys.stderr.flush()


def console(*, stderr: bool = False) -> Console:
    """A rich console on standard output; colour, width and NO_COLOR as the terminal says."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def table(
    columns: Iterable[str | tuple[str, dict[str, Any]]], rows: Iterable[Iterable[Any]]
) -> RenderableType:
    """A table of hairlines: a head, no boxes. A column is its head, or its head and rich's settings."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    drawn = Table(box=SIMPLE_HEAD, header_style="dim", border_style="dim", pad_edge=False)
    for column in columns:
        head, settings = column if isinstance(column, tuple) else (column, {})
        drawn.add_column(head, **settings)
    for row in rows:
        drawn.add_row(*row)
    return drawn


@contextmanager
def progress(what: str) -> Iterator[Advance]:
    """A progress bar on standard error while the block runs; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda what, done, total=None: None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def advance(what: str, done: int, total: int | None = None) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield advance
