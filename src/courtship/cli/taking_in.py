"""What goes in: ``import``, ``log``, ``sources``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from courtship.cli.options import BEGIN, DECIDE, AsJson, Ctx, example, place_of
from courtship.vocabulary import Kind

if TYPE_CHECKING:
    from courtship.service.importing.importing import ImportResult

SHOWN = 20
"""Problems that are said at the terminal."""

RIGHT: dict[str, Any] = {"justify": "right"}
KindName = StrEnum("KindName", {kind: kind for kind in get_args(Kind)})  # type: ignore[misc]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command(
        "import",
        epilog=example(
            "courtship import mastodon-archive.tar.gz",
            "courtship import events.csv --source newsletter --dry-run",
            "courtship import --map mentions.csv",
            "courtship import Takeout/Mail/social.mbox --mail-host mx.google.com",
        ),
        rich_help_panel=BEGIN,
    )(bring)
    app.command(
        epilog=example(
            "courtship log facebook:ann share --at 2026-11-20",
            'courtship log email:ann@example.org message --outbound --note "sent the recipe"',
        ),
        rich_help_panel=DECIDE,
    )(log)
    app.command(epilog=example("courtship sources", "courtship sources mastodon"), rich_help_panel=BEGIN)(
        sources
    )


def bring(
    ctx: Ctx,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH…", help="files, folders, zip and tar archives")
    ] = None,
    map: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|PARTS",
            help="a CSV file to be asked about, or actor=COLUMN,at=COLUMN,kind=… for PATH; remembered",
        ),
    ] = None,
    format: Annotated[
        str | None, typer.Option(metavar="NAME", help="read it as this format; see courtship sources")
    ] = None,
    source: Annotated[
        str, typer.Option(metavar="NAME", help="keep these ids apart from those of other sources")
    ] = "",
    mail_host: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="your mail host, whose word on e-mails counts; remembered"),
    ] = None,
    mail_account: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS=ACCOUNT", help="whose notifications come to ADDRESS; remembered"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="read and say, keep nothing")] = False,
    as_json: AsJson = False,
) -> None:
    """Reads exports in any known format. May be repeated: nothing counts twice."""
    from courtship.cli.place import now
    from courtship.cli.screen import progress, say, write_json

    workspace, moment = place_of(ctx).open(), now()
    from courtship.service.importing import importing
    from courtship.service.importing.mail_settings import mail_settings
    from courtship.service.reckoning.refresh import refresh

    settings = mail_settings(mail_host or (), mail_account or ())
    paths = list(paths or ())
    if map is not None:
        from courtship.cli.mapping import mapped

        paths, chosen = mapped(map, paths, workspace.brand())
        settings |= chosen
    if not paths:
        raise typer.BadParameter("what shall be imported? Say which files: courtship import PATH…")

    with progress("reading") as bar:
        done = importing.import_paths(
            workspace,
            paths,
            now=moment,
            format=format,
            source=source,
            progress=lambda path, read, size: bar(Path(path).name, read, size),
            dry_run=dry_run,
            settings=settings,
        )
    if not dry_run:
        with progress("working out where everybody stands"):
            refresh(workspace, now=moment)
    if as_json:
        write_json(done.as_json())
    else:
        _show(done)
    for problem in done.problems[:SHOWN]:
        say(f"{problem.path}{f' {problem.where}' if problem.where else ''}: {problem.reason}")
    if len(done.problems) > SHOWN:
        say(f"and {len(done.problems) - SHOWN} more problems: import again with --json for all of them")
    if dry_run:
        say("nothing was kept: this was a dry run")
    elif done.offered:
        accounts = " ".join(own.account for own in done.offered)
        say(f"these say that they are your own; if so: courtship brand add {accounts}")
    elif not workspace.brand():
        say("whose are these? courtship brand add ACCOUNT says which accounts are your own")
    if done.exit_status:
        raise typer.Exit(done.exit_status)


def _show(done: ImportResult) -> None:
    from courtship.cli.screen import show, table

    heads = [("read", RIGHT), ("new", RIGHT), ("known", RIGHT), ("problems", RIGHT)]
    rows = [
        [
            one.path,
            one.format or "–",
            *(f"{count:,}" for count in (one.read, one.new, one.known, one.problems)),
        ]
        for one in done.files
    ]
    show(table([("file", {"overflow": "fold"}), "format", *heads], rows))


def log(
    ctx: Ctx,
    account: Annotated[
        str,
        typer.Argument(metavar="ACCOUNT", help="whose act it was, or towards whom; a person's id will do"),
    ],
    kind: Annotated[KindName, typer.Argument(metavar="KIND", help="one of: " + ", ".join(get_args(Kind)))],
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="when; left out, it is now"),
    ] = None,
    outbound: Annotated[bool, typer.Option("--outbound", help="the brand did it, towards ACCOUNT")] = False,
    note: Annotated[str, typer.Option(metavar="TEXT", help="in a few words, if you like")] = "",
    as_json: AsJson = False,
) -> None:
    """By hand, what no platform shows: a share in a private group, a meeting, a call."""
    from courtship.cli.place import moment, now
    from courtship.cli.screen import say, write_json

    workspace = place_of(ctx).open()
    from courtship.service.importing import log_by_hand

    done = log_by_hand.log(
        workspace, account, str(kind), at=moment(at), outbound=outbound, note=note, now=now()
    )
    if as_json:
        write_json({"id": done.id, "person": done.person, "kind": str(kind), "stage": done.stage})
    say(f"logged {kind} {'to' if outbound else 'by'} {account}: {done.person} stands at {done.stage}")


def sources(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="one format, with how to get it")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The formats that import knows, and for each how to get your data out."""
    from courtship.cli.screen import show, table, write_lines
    from courtship.service.importing import formats

    known = formats.known(name)
    if as_json:
        write_lines(
            {
                "name": one.name,
                "title": one.title,
                "files": one.files,
                "steps": list(one.guide.steps),
                "wait": one.guide.wait,
                "link": one.guide.link,
                "can_say": one.can_say,
                "cannot_say": one.cannot_say,
                "grade": one.grade,
            }
            for one in known
        )
    elif name is None:
        show(
            table(
                ["name", "format", ("recognised by", {"ratio": 1})],
                [[one.name, one.title, one.files] for one in known],
            )
        )
    else:
        for one in known:
            lines = [one.title, f"recognised by: {one.files}", ""]
            lines += [f"{number}. {step}" for number, step in enumerate(one.guide.steps, 1)]
            lines += [f"How long it takes: {one.guide.wait}"] if one.guide.wait else []
            lines += [one.guide.link] if one.guide.link else []
            lines += ["", f"It can say: {one.can_say}"] if one.can_say else []
            lines += [f"It cannot say: {one.cannot_say}"] if one.cannot_say else []
            show(*lines)
