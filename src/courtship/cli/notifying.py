"""``courtship notify``: what you are told of, and where."""

from __future__ import annotations

from typing import Annotated

import typer

from courtship.cli.options import AsJson, Ctx, example, place_of

app = typer.Typer(no_args_is_help=True, help="What you are told of, where and when.")

Address = Annotated[
    str, typer.Argument(metavar="ADDRESS", help="the name of a kept address, or an Apprise one")
]


@app.command("list", epilog=example("courtship notify list --json"))
def list_rules(ctx: Ctx, as_json: AsJson = False) -> None:
    """The rules and the addresses; these without their secrets."""
    from courtship.cli.screen import say, show, table, write_json

    workspace = place_of(ctx).open()
    from courtship.service.notices import notices

    every, held = notices.rules(workspace), notices.addresses(workspace)
    said = notices.said(workspace, every)
    if as_json:
        write_json(
            {
                "rules": [{"rule": rule.id, **rule.detail(), "said": said[rule.id]} for rule in every],
                "addresses": {name: one.shown for name, one in held.items()},
            }
        )
        return
    if not held:
        say("no address yet: courtship notify address phone ntfy://ntfy.sh/my-topic")
        return
    show(table(["address", "Apprise"], [[one.name, one.shown] for one in held.values()]))
    if every:
        show(table(["rule", "says"], [[rule.id, said[rule.id]] for rule in every]))
    else:
        say(f"no rule yet: courtship notify add share --to {next(iter(held))}")


@app.command(epilog=example("courtship notify address phone ntfy://ntfy.sh/my-topic"))
def address(
    ctx: Ctx,
    name: Annotated[str, typer.Argument(help="what to call it, such as phone")],
    url: Annotated[str, typer.Argument(metavar="URL", help="an Apprise address; - asks for it")],
) -> None:
    """Keeps an Apprise address under a name, encrypted."""
    from courtship.cli.place import now
    from courtship.cli.screen import say

    workspace = place_of(ctx).open()
    from courtship.service.notices import notices

    if url == "-":
        url = typer.prompt("Apprise address", hide_input=True, err=True)
    say(f"kept {name}: {notices.keep_address(workspace, name, url, now=now())}")


@app.command(epilog=example("courtship notify forget phone"))
def forget(ctx: Ctx, name: Annotated[str, typer.Argument(help="a kept address")]) -> None:
    """Deletes an address that no rule tells."""
    from courtship.cli.screen import say

    workspace = place_of(ctx).open()
    from courtship.service.notices import notices

    notices.forget_address(workspace, name)
    say(f"{name} is deleted")


@app.command(
    epilog=example(
        "courtship notify add share --to phone",
        "courtship notify add waiting --to phone --hours 4 --stage know --stage trust",
        "courtship notify add act --to mail --when daily --kind comment --platform mastodon",
        "courtship notify add report --to mail",
    )
)
def add(
    ctx: Ctx,
    on: Annotated[str, typer.Argument(help="act, share, new, stage, waiting, quiet or report")],
    to: Annotated[str, typer.Option("--to", metavar="NAME", help="a kept address")],
    when: Annotated[str, typer.Option("--when", help="at once, daily or weekly")] = "at once",
    who: Annotated[str, typer.Option("--who", help="tag:NAME or an account; else everybody")] = "",
    kind: Annotated[list[str] | None, typer.Option("--kind", help="only these kinds of act")] = None,
    stage: Annotated[
        list[str] | None, typer.Option("--stage", help="only those at these stages, or coming to them")
    ] = None,
    platform: Annotated[list[str] | None, typer.Option("--platform", help="only on these platforms")] = None,
    hours: Annotated[int, typer.Option("--hours", help="of waiting, from 1 to 720")] = 4,
    as_json: AsJson = False,
) -> None:
    """A new rule: what to tell you of, where, and when."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, write_json

    workspace = place_of(ctx).open()
    from courtship.service.notices import notices

    detail = {
        "on": on,
        "to": to,
        "when": when,
        "who": who,
        "kinds": kind or [],
        "stages": stage or [],
        "platforms": platform or [],
        "hours": hours,
    }
    rule, _ = notices.set_rule(workspace, detail, now=now())
    if as_json:
        write_json({"rule": rule.id, **rule.detail()})
    say(f"{rule.id}: {notices.said(workspace, [rule])[rule.id]}")


@app.command(epilog=example("courtship notify remove 3fa9c1"))
def remove(ctx: Ctx, rule: Annotated[str, typer.Argument(help="a rule's id, as list shows it")]) -> None:
    """Ends a rule."""
    from courtship.cli.place import now
    from courtship.cli.screen import say

    workspace = place_of(ctx).open()
    from courtship.service.notices import notices

    notices.remove_rule(workspace, rule, now=now())
    say(f"{rule} is removed")


@app.command(epilog=example("courtship notify test phone"))
def test(ctx: Ctx, address: Address) -> None:
    """Sends a few words to an address, to see that they arrive."""
    from courtship.cli.place import now
    from courtship.cli.screen import say

    workspace = place_of(ctx).open()
    from courtship.service.notices import notices

    sent = notices.test(workspace, address, now=now())
    if not sent.ok:
        say(f"it was not taken: {sent.why}")
        raise typer.Exit(1)
    say("sent; look whether it arrived")
