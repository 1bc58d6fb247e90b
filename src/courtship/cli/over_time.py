"""The audience over time: ``history counts``, ``matrix``, ``durations``, ``cohorts``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from courtship.cli.options import LOOK, AsJson, Ctx, example, place_of
from courtship.errors import CourtshipError
from courtship.model import DAY, Micros

if TYPE_CHECKING:
    from courtship.service.policy.over_time import Step
    from courtship.store.workspace import Workspace

history_app = typer.Typer(
    no_args_is_help=True, help="The audience over time: counts, moves, how long, cohorts."
)

From = Annotated[str | None, typer.Option("--from", metavar="TIME", help="from when, ISO 8601")]
To = Annotated[str | None, typer.Option("--to", metavar="TIME", help="until when; without it, now")]
NUMBER: dict[str, Any] = {"justify": "right"}


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.add_typer(history_app, name="history", rich_help_panel=LOOK)


def _open(ctx: Ctx, start: str | None, end: str | None, days: int) -> tuple[Workspace, Micros, Micros]:
    from courtship.cli import place

    workspace, now = place_of(ctx).open(), place.now()
    from courtship.service.reckoning.refresh import fresh

    fresh(workspace, now=now)
    until = place.moment(end)
    until = now if until is None else min(until, now)
    begin = place.moment(start)
    begin = until - days * DAY if begin is None else begin
    if begin >= until:
        raise CourtshipError("--from must be before --to; correct one of the two.")
    return workspace, begin, until


@history_app.command(epilog=example("courtship history counts --by month --from 2025-01-01"))
def counts(
    ctx: Ctx,
    by: Annotated[str, typer.Option(help="day, week or month")] = "day",
    start: From = None,
    end: To = None,
    as_json: AsJson = False,
) -> None:
    """How many stood at each stage at the end of each day, week or month."""
    from courtship.cli import screen

    if by not in ("day", "week", "month"):
        raise typer.BadParameter("write day, week or month")
    workspace, begin, until = _open(ctx, start, end, 30)
    from courtship.service.policy import over_time
    from courtship.times import to_iso

    found = over_time.counts(workspace, start=begin, end=until, step=cast("Step", by))
    if as_json:
        screen.write_lines(
            {"at": to_iso(at), **dict(zip(found.stages, row, strict=True))} for at, row in found.rows
        )
        return
    heads: list[Any] = ["at", *((stage, NUMBER) for stage in found.stages)]
    screen.show(screen.table(heads, [[to_iso(at)[:16], *(f"{n:,}" for n in row)] for at, row in found.rows]))


@history_app.command(epilog=example("courtship history matrix --from 2026-01-01 --to 2026-07-01"))
def matrix(ctx: Ctx, start: From = None, end: To = None, as_json: AsJson = False) -> None:
    """Who went from where to where between two moments; the last row is who was not met yet."""
    from courtship.cli import screen

    workspace, begin, until = _open(ctx, start, end, 90)
    from courtship.service.policy import over_time

    found = over_time.matrix(workspace, start=begin, end=until)
    names = (*found.stages, over_time.NOT_MET)
    if as_json:
        screen.write_lines(
            {"from": before, "to": dict(zip(found.stages, row, strict=True))}
            for before, row in zip(names, found.rows, strict=True)
        )
        return
    heads: list[Any] = ["from", *((f"to {stage}", NUMBER) for stage in found.stages)]
    rows = [[before, *(f"{n:,}" for n in row)] for before, row in zip(names, found.rows, strict=True)]
    screen.show(screen.table(heads, rows))


@history_app.command(epilog=example("courtship history durations --json"))
def durations(ctx: Ctx, as_json: AsJson = False) -> None:
    """How long each stage lasts (Kaplan-Meier): who is still there counts for as long as they have been."""
    from courtship.cli import screen

    workspace, _, now = _open(ctx, None, None, 1)
    from courtship.service.policy import over_time

    found = over_time.lasting(workspace, now=now)
    if as_json:
        screen.write_lines(
            {
                "stage": one.stage,
                "entered": one.curve.entered,
                "censored": one.curve.censored,
                "median_days": one.curve.median,
                "after": dict(one.after),
                "curve": [
                    {"days": day, "at_risk": risk, "left": left, "share": round(share, 6)}
                    for day, risk, left, share in zip(
                        one.curve.days.tolist(),
                        one.curve.at_risk.tolist(),
                        one.curve.left.tolist(),
                        one.curve.share.tolist(),
                        strict=True,
                    )
                ],
            }
            for one in found
        )
        return
    heads: list[Any] = ["stage", ("came to it", NUMBER), ("are there still", NUMBER), "half stay", "went to"]
    rows = [
        [
            one.stage,
            f"{one.curve.entered:,}",
            f"{one.curve.censored:,}",
            "longer than can be told yet" if one.curve.median is None else f"{one.curve.median:,} days",
            ", ".join(f"{n:,} {stage}" for stage, n in one.after) or "-",
        ]
        for one in found
    ]
    screen.show(screen.table(heads, rows))


@history_app.command(epilog=example("courtship history cohorts --reaching know --months 6"))
def cohorts(
    ctx: Ctx,
    reaching: Annotated[str | None, typer.Option(metavar="STAGE", help="as far as; else the top")] = None,
    months: Annotated[int, typer.Option(min=1, max=120, help="how many months")] = 12,
    as_json: AsJson = False,
) -> None:
    """People by the month of first contact: how many had come as far as a stage after each month."""
    from courtship.cli import screen

    workspace, _, now = _open(ctx, None, None, 1)
    from courtship.service.policy import over_time
    from courtship.times import to_iso

    ladder = over_time.stages(workspace)[1:-1]
    if reaching is not None and reaching not in ladder:
        raise typer.BadParameter(f"no stage {reaching!r}; there are {', '.join(ladder)}")
    found = over_time.cohorts(workspace, reaching=reaching or ladder[-1], now=now, months=months)
    if as_json:
        screen.write_lines(
            {"start": to_iso(one.start), "people": one.people, "reached": list(one.reached)} for one in found
        )
        return
    heads: list[Any] = ["first met from", ("people", NUMBER), *((f"+{k}", NUMBER) for k in range(months))]
    rows = [
        [to_iso(one.start)[:10], f"{one.people:,}", *("" if n is None else f"{n:,}" for n in one.reached)]
        for one in found
    ]
    screen.show(screen.table(heads, [row + [""] * (len(heads) - len(row)) for row in rows]))
