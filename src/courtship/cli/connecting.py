"""What listens: ``connect`` and ``listen``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from courtship.cli.options import BEGIN, AsJson, Ctx, example, place_of

if TYPE_CHECKING:
    from courtship.connect.base import Connector
    from courtship.store.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command(
        epilog=example(
            "courtship connect",
            "courtship connect mastodon --set server=https://example.social",
            "courtship connect mastodon --check",
        ),
        rich_help_panel=BEGIN,
    )(connect)
    app.command(epilog=example("courtship listen", "courtship listen --once"), rich_help_panel=BEGIN)(listen)


def connect(
    ctx: Ctx,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="a connector, or a connection's id; all without one"),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="a setting; what is missing is asked for"),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="end it; what it brought stays")] = False,
    pause: Annotated[bool, typer.Option("--pause", help="stop it until it is resumed")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="run it again, at once")] = False,
    check: Annotated[bool, typer.Option("--check", help="try the settings that are kept")] = False,
    ours: Annotated[
        bool, typer.Option("--ours", help="the account that it opens is the brand's; do not ask")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Live connections: what there is to connect, what is connected, and how it is.

    With a connector's name: asks for its settings, tries them, and keeps them, secrets encrypted.
    """
    workspace = place_of(ctx).open()
    from courtship.cli.place import now
    from courtship.cli.screen import say, write_json
    from courtship.service.live import connecting
    from courtship.store.operations import connections, hooks

    asked = [
        word
        for word, told in (("remove", remove), ("pause", pause), ("resume", resume), ("check", check))
        if told
    ]
    if len(asked) > 1:
        raise typer.BadParameter("give one of --remove, --pause, --resume and --check")
    if name is None:
        if asked or settings:
            raise typer.BadParameter("name the connector or the connection")
        _list(workspace, as_json)
        return
    if name == connecting.WEBHOOK and not asked:
        _open_hook(workspace, settings or [], as_json)
        return
    if not asked:
        _connect(workspace, name, settings or [], ours=ours, as_json=as_json)
        return
    hook = connecting.hook_of(workspace, name)
    if hook is not None:
        if asked[0] != "remove":
            raise typer.BadParameter("a webhook can be taken back with --remove, and nothing else")
        hooks.remove(workspace, hook.id, now=now())
        say(f"{hook.title}: taken back; what it brought stays, and nothing more is taken")
        if as_json:
            write_json({"connection": hook.id, "connector": "webhook", "done": "remove"})
        return
    held = connecting.found(workspace, name)
    match asked[0]:
        case "remove":
            connecting.remove(workspace, held.id, now=now())
            say(f"{held.title}: ended; what it brought stays, its secrets are deleted")
        case "pause":
            connections.pause(workspace, held.id)
            say(f"{held.title}: paused")
        case "resume":
            connections.resume(workspace, held.id)
            say(f"{held.title}: runs again while courtship serve or courtship listen does")
        case _:
            tried = connecting.check_again(workspace, held.id, now=now)
            say(f"{held.title}: works; it opens {tried.profile.account}")
    if as_json:
        write_json({"connection": held.id, "connector": held.connector, "done": asked[0]})


def _list(workspace: Workspace, as_json: bool) -> None:
    from courtship.cli.place import now
    from courtship.cli.screen import show, table, write_json
    from courtship.connect import registry
    from courtship.service.live import connecting
    from courtship.store.operations import hooks
    from courtship.times import to_iso

    known, held = registry.known(), connecting.health(workspace, now=now())
    open_hooks = hooks.every(workspace)
    if as_json:
        write_json(
            {
                "connectors": [
                    {
                        "name": one.name,
                        "title": one.title,
                        "settings": [setting.name for setting in one.settings],
                        "permission": one.permission,
                        "verified": one.verified,
                    }
                    for one in known.values()
                ],
                "connections": [
                    {
                        "id": one.connection.id,
                        "connector": one.connection.connector,
                        "title": one.connection.title,
                        "account": one.connection.account,
                        "state": one.state,
                        "line": one.line,
                        "heard": one.connection.heard,
                        "heard_at": to_iso(one.connection.heard_at) if one.connection.heard_at else None,
                        "seen_to": to_iso(one.connection.seen_to) if one.connection.seen_to else None,
                        "rate_limit": one.connection.rate_limit,
                    }
                    for one in held
                ],
                "webhooks": [{"id": one.id, "title": one.title, "heard": one.heard} for one in open_hooks],
            }
        )
        return
    if held:
        show(
            table(
                ["id", "connection", "state", ("", {"ratio": 1}), ("heard", {"justify": "right"})],
                [
                    [
                        one.connection.id,
                        one.connection.title,
                        one.state,
                        one.line,
                        f"{one.connection.heard:,}",
                    ]
                    for one in held
                ],
            )
        )
    if open_hooks:
        show(
            table(
                ["id", "webhook", ("heard", {"justify": "right"})],
                [[one.id, one.title, f"{one.heard:,}"] for one in open_hooks],
            )
        )
    show(
        table(
            ["name", "connects", ("permission", {"ratio": 1}), "tried against"],
            [
                *([one.name, one.title, one.permission, one.verified] for one in known.values()),
                ["webhook", "Generic webhook", "whoever has its address may send", "real server"],
            ],
        )
    )


def _open_hook(workspace: Workspace, said: list[str], as_json: bool) -> None:
    """Makes an address of the webhook and shows it, this once."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, show, write_json
    from courtship.service.live import connecting

    given = dict(pair.partition("=")[::2] for pair in said)
    if given.keys() - {"title"}:
        raise typer.BadParameter("a webhook has one setting: --set title=NAME")
    hook, path = connecting.open_hook(workspace, given.get("title", ""), now=now())
    if as_json:
        write_json({"connection": hook.id, "connector": "webhook", "path": path})
    else:
        show(path)
    say(f"{hook.title} ({hook.id}): POST to this path of the server; it is shown this once, keep it secret")


def _connect(workspace: Workspace, name: str, said: list[str], *, ours: bool, as_json: bool) -> None:
    from courtship.cli.place import now
    from courtship.cli.screen import say, write_json
    from courtship.connect import registry
    from courtship.service.live import connecting
    from courtship.service.people import brand

    given: dict[str, str] = {}
    for pair in said:
        key, mark, value = pair.partition("=")
        if not mark or not key:
            raise typer.BadParameter(f"{pair!r} is no setting; write --set name=value")
        given[key.strip()] = value
    held = next((one for one in connecting.health(workspace, now=now()) if one.connection.id == name), None)
    connector = registry.named(held.connection.connector if held else name)
    connecting.checked_names(connector, given)
    if held is None:
        given = _asked_for(connector, given)
    kept, tried = connecting.connect(
        workspace, connector.name, given, now=now, id=held.connection.id if held else None
    )
    account = tried.profile.account
    say(f"connected: {kept.title} ({kept.id}); it runs while courtship serve or courtship listen does")
    taken = tried.ours
    if account and not taken:
        taken = ours or (
            sys.stdin.isatty()
            and typer.confirm(f"Is {account} the brand's own account?", default=True, err=True)
        )
        if taken:
            brand.add(workspace, [account], now=now())
            say(f"{account} is the brand's")
        else:
            say(f"if {account} is the brand's own account: courtship brand add {account}")
    if as_json:
        write_json(
            {"connection": kept.id, "connector": kept.connector, "account": account, "ours": bool(taken)}
        )


def _asked_for(connector: Connector, given: dict[str, str]) -> dict[str, str]:
    """The settings, with what is missing asked for where somebody sits at the keyboard."""
    from courtship.cli.screen import say
    from courtship.service.live import connecting

    if not connecting.missing(connector, given) or not sys.stdin.isatty():
        return given
    for number, step in enumerate(connector.guide.steps, 1):
        say(f"{number}. {step}")
    if connector.guide.link:
        say(connector.guide.link)
    say(f"Permission: {connector.permission}")
    for one in connector.settings:
        if one.name in given:
            continue
        if one.help:
            say(one.help)
        given[one.name] = typer.prompt(
            one.label,
            default=one.default or ("" if one.optional else None),
            hide_input=one.secret,
            show_default=bool(one.default) and not one.secret,
            err=True,
        )
    return given


def listen(
    ctx: Ctx,
    once: Annotated[
        bool, typer.Option("--once", help="fetch what there is from every connection, then end")
    ] = False,
) -> None:
    """Runs the live connections without the pages, until interrupted. `courtship serve` runs them too."""
    import time

    from courtship.cli.screen import say

    workspace = place_of(ctx).open()
    from courtship.service.live import listening
    from courtship.service.notices import notifying
    from courtship.service.reckoning import readying
    from courtship.store import checkpoints
    from courtship.store.operations import connections

    if not connections.every(workspace):
        say("nothing is connected yet; courtship connect shows what can be")
        raise typer.Exit(1)
    if once:
        failed = listening.listen_once(workspace, say=say)
        for one in connections.every(workspace):
            say(f"{one.title}: {one.heard:,} acts heard so far")
        raise typer.Exit(1 if failed else 0)
    running = listening.Listening(workspace, say=say)
    say("listening (stop it with Ctrl+C)")
    from courtship.web.server import end_in_order

    running.start()
    end_checkpoints = checkpoints.start(workspace.home)
    readying.start(place_of(ctx).open())
    end_notices = notifying.start(place_of(ctx).open())
    end_in_order()
    try:
        while True:
            time.sleep(3600)
    finally:
        end_notices()
        running.stop()
        end_checkpoints()
