"""The ``courtship`` command. Each command loads what it needs when it runs, so that help is instant."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from courtship.cli import (
    accountability,
    answering,
    brand,
    connecting,
    keeping,
    looking,
    notifying,
    opening,
    over_time,
    people,
    taking_in,
    tribe,
)
from courtship.cli.options import BEGIN, DECIDE, example
from courtship.cli.place import Place, default_home

app = typer.Typer(
    name="courtship",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=example("courtship demo", "courtship brand add x:12345", "courtship import twitter-archive.zip"),
)

FAULT = 70
"""The exit status where the program itself is at fault (``EX_SOFTWARE`` of sysexits.h)."""

GLOBAL = ("--home", "--workspace")


def _version(asked: bool) -> None:
    if asked:
        from courtship import __version__

        typer.echo(f"courtship {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    ctx: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="the silo's folder; else $COURTSHIP_HOME, else your data folder"),
    ] = None,
    workspace: Annotated[str, typer.Option(metavar="NAME", help="one workspace a client")] = "default",
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="say which version this is")
    ] = False,
) -> None:
    """Where every relationship of your brand stands, why, and what to do today."""
    ctx.obj = Place(home.expanduser() if home else default_home(), workspace)


app.add_typer(brand.app, name="brand", rich_help_panel=BEGIN)
app.add_typer(notifying.app, name="notify", rich_help_panel=BEGIN)
app.add_typer(people.app, name="people", rich_help_panel=DECIDE)
app.add_typer(tribe.app, name="tribe", rich_help_panel=DECIDE)
for _module in (taking_in, connecting, looking, answering, over_time, accountability, keeping, opening):
    _module.register(app)


def hoist(arguments: Sequence[str]) -> list[str]:
    """``--home`` and ``--workspace`` moved to the front, so that they may stand anywhere."""
    front: list[str] = []
    rest: list[str] = []
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            rest += [word, *waiting]
            break
        if word in GLOBAL and waiting:
            front += [word, waiting.pop(0)]
        elif word.startswith(tuple(f"{name}=" for name in GLOBAL)):
            front.append(word)
        else:
            rest.append(word)
    return front + rest


def run(arguments: Sequence[str]) -> int:
    """Runs one command line; answers the exit status. Every error is one line on standard error."""
    from courtship.cli.screen import say
    from courtship.errors import CourtshipError

    try:
        done = app(hoist(arguments), prog_name="courtship", standalone_mode=False)
    except CourtshipError as error:
        for line in str(error).splitlines():
            say(f"courtship: {line}")
        return error.exit_status
    except (KeyboardInterrupt, typer.Abort):
        say("courtship: stopped; what was done so far is kept")
        return 130
    except BrokenPipeError:
        # The reader of a pipe has gone (head, less): nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        say(f"courtship: {where}{error.strerror or error}")
        return 1
    except Exception as error:
        # Typer's own errors of use: it keeps their classes to itself.
        told = getattr(error, "format_message", None)
        if told is None:
            if os.environ.get("COURTSHIP_TRACEBACK"):
                raise
            what = f"{type(error).__name__}: {_one_line(str(error))}"
            say(f"courtship: a mistake of ours ({what}); COURTSHIP_TRACEBACK=1 shows where, please report it")
            return FAULT
        if type(error).__name__ == "NoArgsIsHelpError":
            say(told())
            return 2
        say(f"courtship: {_one_line(told())}; courtship {_command_of(error)}--help says how")
        return int(getattr(error, "exit_code", 2))
    return done if isinstance(done, int) else 0


def _one_line(message: str) -> str:
    return " ".join(message.split()).replace("Value error, ", "").rstrip(".")


def _command_of(error: Exception) -> str:
    path = getattr(getattr(error, "ctx", None), "command_path", "") or ""
    words = path.split()[1:]
    return " ".join(words) + " " if words else ""


def main() -> None:
    """The entry point."""
    sys.exit(run(sys.argv[1:]))
