"""``courtship brand``: which accounts are the brand's own."""

from __future__ import annotations

from typing import Annotated

import typer

from courtship.cli.options import AsJson, Ctx, example, place_of

app = typer.Typer(no_args_is_help=True, help="Which accounts are the brand's own.")

Accounts = Annotated[
    list[str], typer.Argument(metavar="ACCOUNT…", help="platform:id, as in mastodon:ann@example.social")
]


@app.command(epilog=example("courtship brand add mastodon:bakery@example.social wordpress:bakery.example"))
def add(ctx: Ctx, accounts: Accounts, as_json: AsJson = False) -> None:
    """These accounts are the brand's own. Everybody's stage is reckoned anew."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, write_json

    workspace = place_of(ctx).open()
    from courtship.service.people import brand

    added = brand.add(workspace, accounts, now=now())
    if as_json:
        write_json({"added": added, "brand": sorted(workspace.brand())})
    for account in added:
        say(f"{account} is the brand's")
    for account in sorted(set(accounts) - set(added)):
        say(f"{account} was the brand's already")


@app.command(epilog=example("courtship brand remove x:12345"))
def remove(ctx: Ctx, accounts: Accounts, as_json: AsJson = False) -> None:
    """These accounts are not the brand's after all."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, write_json

    workspace = place_of(ctx).open()
    from courtship.service.people import brand

    removed = brand.remove(workspace, accounts, now=now())
    if as_json:
        write_json({"removed": removed, "brand": sorted(workspace.brand())})
    for account in removed:
        say(f"{account} is no longer the brand's")


@app.command("list", epilog=example("courtship brand list --json"))
def list_accounts(ctx: Ctx, as_json: AsJson = False) -> None:
    """The brand's accounts, and those that an import offers as the brand's."""
    from courtship.cli.screen import say, show, table, write_lines

    workspace = place_of(ctx).open()
    from courtship.service.people import brand

    held = brand.listed(workspace)
    if as_json:
        write_lines({"account": one.account, "name": one.name, "own": one.own} for one in held)
        return
    if not held:
        say("no accounts yet: courtship brand add platform:id")
        return
    show(
        table(
            ["account", "name", ""], [[one.account, one.name, "" if one.own else "offered"] for one in held]
        )
    )
    offered = [one.account for one in held if not one.own]
    if offered:
        say(f"an export says that it is yours; if so: courtship brand add {' '.join(offered)}")


@app.command(epilog=example('courtship brand name "Kettlewick Bread"'))
def name(ctx: Ctx, name: Annotated[str, typer.Argument(help="what the brand is called")]) -> None:
    """What the brand is called on every page."""
    from courtship.cli.place import now
    from courtship.cli.screen import say

    workspace = place_of(ctx).open()
    from courtship.service.people import brand

    brand.call(workspace, name, now=now())
    say(f"called {name}")
