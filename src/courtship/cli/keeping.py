"""What is kept: ``export``, ``rebuild``, ``workspaces``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from courtship.cli.options import KEEP, AsJson, Ctx, example, place_of

workspaces_app = typer.Typer(
    no_args_is_help=True, help="One workspace a client; each is a database of its own."
)


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command(
        epilog=example("courtship export everything.jsonl", "courtship export activities.parquet"),
        rich_help_panel=KEEP,
    )(export)
    app.command(epilog=example("courtship rebuild --json"), rich_help_panel=KEEP)(rebuild)
    app.add_typer(workspaces_app, name="workspaces", rich_help_panel=KEEP)


def export(
    ctx: Ctx,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="….jsonl for everything, ….parquet for a table")
    ],
    as_json: AsJson = False,
) -> None:
    """Everything out: `.jsonl` can be imported again without loss, `.parquet` is the flat table."""
    from courtship.cli.screen import progress, say, write_json

    workspace = place_of(ctx).open()
    from courtship.service.importing import export as service

    with progress("writing") as bar:
        done = service.export(workspace, file, progress=lambda lines: bar(f"{lines:,} lines", 0))
    if as_json:
        write_json({"path": str(file), "activities": done.activities})
    say(f"{done.activities:,} activities in {file}")


def rebuild(ctx: Ctx, as_json: AsJson = False) -> None:
    """Computes everything anew from the log and says what differed. Nothing must."""
    from courtship.cli.place import now
    from courtship.cli.screen import progress, say, write_json

    workspace = place_of(ctx).open()
    from courtship.service.reckoning import rebuild as service

    with progress("computing everything anew"):
        done = service.rebuild(workspace, now=now())
    if as_json:
        write_json({"differences": done.differences})
    say(
        "nothing differed"
        if not done.differences
        else f"{done.differences:,} differences; please report this"
    )
    if done.differences:
        raise typer.Exit(1)


@workspaces_app.command("list", epilog=example("courtship workspaces list"))
def list_all(ctx: Ctx, as_json: AsJson = False) -> None:
    """The workspaces of this home."""
    from courtship.cli.screen import show, write_lines
    from courtship.store import list_workspaces

    names = list_workspaces(place_of(ctx).home)
    if as_json:
        write_lines({"workspace": name} for name in names)
    else:
        show(*names)


@workspaces_app.command(
    epilog=example("courtship workspaces add kettlewick", "courtship --workspace kettlewick stages")
)
def add(
    ctx: Ctx, name: Annotated[str, typer.Argument(metavar="NAME", help="small letters, digits, - and _")]
) -> None:
    """A new workspace."""
    from courtship.cli.screen import say
    from courtship.store import open_workspace

    open_workspace(place_of(ctx).home, name)
    say(f"made; use it with --workspace {name}")
