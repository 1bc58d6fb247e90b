"""What is kept: ``export``, ``rebuild``, ``workspaces``."""

from __future__ import annotations

from typing import Annotated

import typer

from courtship.cli.options import KEEP, AsJson, Ctx, example, place_of

workspaces_app = typer.Typer(
    no_args_is_help=True, help="One workspace a client; each is a database of its own."
)


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.add_typer(workspaces_app, name="workspaces", rich_help_panel=KEEP)


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
