"""What opens the doors: ``demo``, ``serve``, ``user``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from courtship.cli.options import BEGIN, KEEP, LOOK, Ctx, example, place_of

PORT = 8765

user_app = typer.Typer(no_args_is_help=True, help="Who may sign in, where the pages are open to others.")

Port = Annotated[int, typer.Option(min=1, max=65535, help="the port of the pages")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command(
        epilog=example("courtship demo", "courtship demo --people 300 --no-serve"), rich_help_panel=BEGIN
    )(demo)
    app.command(
        epilog=example("courtship serve", "courtship serve --host 192.168.1.20 --port 9000"),
        rich_help_panel=LOOK,
    )(serve)
    app.add_typer(user_app, name="user", rich_help_panel=KEEP)


def serve(
    ctx: Ctx,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="beyond this machine the pages ask for a login")
    ] = "127.0.0.1",
    port: Port = PORT,
) -> None:
    """The web application, on this machine only unless told otherwise. Ctrl+C stops it."""
    place = place_of(ctx)
    place.open()
    _serve(place.home, place.workspace, host, port)


def _serve(home: Path, workspace: str, host: str, port: int) -> None:
    from courtship.cli.screen import say
    from courtship.web.server import serve as run

    run(home, workspace, host, port, say=say)


def demo(
    ctx: Ctx,
    people: Annotated[int, typer.Option(min=10, help="how many people")] = 2_000,
    activities: Annotated[int, typer.Option(min=1, help="how many activities, about")] = 100_000,
    seed: Annotated[int | None, typer.Option(help="another seed, another audience")] = None,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="show it here, do not open the pages")] = False,
    port: Port = PORT,
) -> None:
    """A made-up brand and its audience, ready in seconds: no account and no network needed.

    It lives in a workspace of its own and never touches yours.
    """
    from courtship.cli.board_picture import BoardPicture
    from courtship.cli.place import now
    from courtship.cli.screen import progress, say, show
    from courtship.cli.story_picture import StoryPicture
    from courtship.service.demo import demo as made_up

    place, moment = place_of(ctx), now()
    name = made_up.WORKSPACE if place.workspace == "default" else place.workspace
    if activities < 6 * people or activities > 300 * people:
        raise typer.BadParameter("give 6 to 300 activities for each of the people")
    with progress("making up a brand") as bar:
        workspace = made_up.make_demo(
            place.home,
            people=people,
            activities=activities,
            seed=made_up.SEED if seed is None else seed,
            now=moment,
            name=name,
            progress=lambda made: bar("making up a brand", made, activities),
        )
        from courtship.service.reckoning.refresh import refresh

        bar("working out where everybody stands", 0)
        refresh(workspace, now=moment)
    from courtship.service.people import audience
    from courtship.service.people import person as service
    from courtship.service.reckoning import stages

    found = stages.stages(workspace, now=moment)
    show(BoardPicture(audience.board(workspace, found)))
    example = audience.example(workspace, found)
    if example is not None:
        show(StoryPicture(service.story(workspace, example.person, now=moment)))
    say(f"more of it: courtship --workspace {name} stages, person, today")
    if not no_serve:
        _serve(place.home, name, "127.0.0.1", port)


@user_app.command("add", epilog=example("courtship user add ann"))
def add_user(
    ctx: Ctx,
    name: Annotated[str, typer.Argument(metavar="NAME", help="what to sign in as")],
    from_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="read the password from standard input")
    ] = False,
) -> None:
    """Lets somebody sign in, or gives them a new password. Asks for it, and shows none of it."""
    from courtship.cli.screen import say
    from courtship.web.users import add_user as add

    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    new = add(place_of(ctx).home, name, password)
    say(f"{name} can sign in" if new else f"{name} has a new password")
