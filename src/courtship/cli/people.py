"""``courtship people``: who is one person, and who is out of the counts."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from courtship.cli.options import AsJson, Ctx, Ref, example, place_of

app = typer.Typer(no_args_is_help=True, help="Who is one person, and who is out of the counts.")


class Aside(StrEnum):
    """What somebody who is no part of the audience is."""

    team = "team"
    bot = "bot"
    other = "other"


@app.command(epilog=example("courtship people merge x:12345 mastodon:ann@example.social"))
def merge(
    ctx: Ctx,
    a: Annotated[str, typer.Argument(metavar="A", help="a person's id, or any account of theirs")],
    b: Annotated[str, typer.Argument(metavar="B", help="the same of the other")],
    as_json: AsJson = False,
) -> None:
    """A and B are one person. All older ids keep answering; `people undo` takes it back."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, write_json

    workspace = place_of(ctx).open()
    from courtship.service.people import identity

    done = identity.merge(workspace, a, b, now=now())
    if as_json:
        write_json({"person": done.person, "accounts": list(done.accounts), "decision": done.position})
    say(f"one person now: {done.person} with {', '.join(done.accounts)}")


@app.command(epilog=example("courtship people split mastodon:ann@example.social"))
def split(
    ctx: Ctx,
    a: Annotated[str, typer.Argument(metavar="A", help="the account that stands alone")],
    as_json: AsJson = False,
) -> None:
    """Account A stands alone from now on; no rule will join it again. `people undo` takes it back."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, write_json

    workspace = place_of(ctx).open()
    from courtship.service.people import identity

    done = identity.split(workspace, a, now=now())
    if as_json:
        write_json({"person": done.person, "accounts": list(done.accounts), "decision": done.position})
    say(f"{done.accounts[0]} stands alone: {done.person}")


@app.command(epilog=example("courtship people undo", "courtship people undo 1041"))
def undo(
    ctx: Ctx,
    decision: Annotated[
        int | None, typer.Argument(metavar="[DECISION]", help="its number; without one, the last one")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Takes back a merge, split, set-aside or restore: everything is as if it had never been said."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, write_json

    workspace = place_of(ctx).open()
    from courtship.service.people import identity

    undone = identity.undo(workspace, decision, now=now())
    if as_json:
        write_json({"undone": undone.position, "verb": undone.verb, "subject": undone.subject})
    what = undone.verb.partition(".")[2].replace("_", " ")
    say(f"undone: {what} {undone.subject} (decision {undone.position})")


@app.command("set-aside", epilog=example("courtship people set-aside x:12345 --as team"))
def set_aside(
    ctx: Ctx,
    ref: Ref,
    what: Annotated[Aside, typer.Option("--as", help="what they are")],
    as_json: AsJson = False,
) -> None:
    """Out of every count: your team, a bot, or somebody else who is no part of the audience."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, write_json

    workspace = place_of(ctx).open()
    from courtship.service.people import identity

    done = identity.set_aside(workspace, ref, what.value, now=now())
    if as_json:
        write_json({"person": done.person, "set_aside": what.value, "decision": done.position})
    say(f"{done.person} is set aside as {what.value}; courtship people restore {ref} brings them back")


@app.command(epilog=example("courtship people restore x:12345"))
def restore(ctx: Ctx, ref: Ref, as_json: AsJson = False) -> None:
    """Back into the counts."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, write_json

    workspace = place_of(ctx).open()
    from courtship.service.people import identity

    done = identity.restore(workspace, ref, now=now())
    if as_json:
        write_json({"person": done.person, "set_aside": None, "decision": done.position})
    say(f"{done.person} is back in the counts")


@app.command(epilog=example("courtship people forget email:ann@example.org --yes"))
def forget(
    ctx: Ctx,
    ref: Ref,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask first")] = False,
    as_json: AsJson = False,
) -> None:
    """Removes a person for good: their records, their words, and whatever comes in of them later.

    This cannot be undone. At a terminal it asks first; a script is taken at its word.
    """
    from courtship.cli.place import now
    from courtship.cli.screen import say, write_json

    workspace = place_of(ctx).open()
    from courtship.service.people import identity

    if not yes and sys.stdin.isatty():
        accounts = ", ".join(identity.resolve(workspace, ref).accounts)
        typer.confirm(f"Forget {accounts} for good?", abort=True, err=True)
    forgotten = identity.forget(workspace, ref, now=now())
    if as_json:
        write_json({"forgotten": len(forgotten)})
    say(f"forgotten, with {len(forgotten)} {'account' if len(forgotten) == 1 else 'accounts'}")
