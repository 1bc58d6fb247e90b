"""``courtship answers``: how long people wait for the brand."""

from __future__ import annotations

import typer

from courtship.cli.options import LOOK, AsJson, Ctx, example, place_of


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(rich_help_panel=LOOK, epilog=example("courtship answers", "courtship answers --json"))(
        answers
    )


def answers(ctx: Ctx, as_json: AsJson = False) -> None:
    """How long people wait for an answer from you, over 26 weeks, and who waits too long now."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, show, table, write_json

    workspace = place_of(ctx).open()
    from courtship.plan.words import length, platform_title
    from courtship.service.reckoning.refresh import fresh
    from courtship.service.today import answering

    moment = now()
    fresh(workspace, now=moment)
    found = answering.page(workspace, now=moment)
    if as_json:
        write_json(answering.as_json(found))
        return
    whole = found.answering.overall
    if not whole.timed:
        say("no clock runs: nothing was said to you where your own answers can be seen")
        return

    def span(value: int | None) -> str:
        return length(value) if value is not None else "-"

    rows = [
        ("all", whole),
        *((platform_title(name), one) for name, one in found.answering.by_platform.items()),
    ]
    rows += list(found.answering.by_stage.items())
    show(
        table(
            ["where", "answered", "median", "nine in ten within", "too long"],
            [
                [
                    name,
                    f"{one.answered:,} of {one.timed:,}",
                    span(one.median),
                    span(one.p90),
                    f"{one.overdue:,}",
                ]
                for name, one in rows
            ],
        )
    )
    if found.waiting:
        show(
            table(
                ["waits", "who", "where", "what"],
                [
                    [
                        length(found.at - one.overdue.at),
                        one.standing.name or one.standing.handle,
                        platform_title(one.overdue.platform),
                        one.told.text[:60] or one.overdue.kind,
                    ]
                    for one in found.waiting[:20]
                ],
            )
        )
