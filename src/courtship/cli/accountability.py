"""Goals, check-ins and partners: ``goals``, ``checkin``, ``partner``, ``coach``."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from courtship.cli.options import DECIDE, LOOK, AsJson, Ctx, example, place_of

goals_app = typer.Typer(no_args_is_help=True, help="What is meant to happen, and whether it did.")
partner_app = typer.Typer(no_args_is_help=True, help="Who keeps an eye on your goals, by a private link.")

GoalId = Annotated[str, typer.Argument(metavar="GOAL", help="a goal's id, as goals list shows it")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.add_typer(goals_app, name="goals", rich_help_panel=DECIDE)
    app.command(
        epilog=example(
            "courtship checkin",
            'courtship checkin --way "the oven was out" --next "answer before opening"',
        ),
        rich_help_panel=DECIDE,
    )(checkin)
    app.add_typer(partner_app, name="partner", rich_help_panel=DECIDE)
    app.command(epilog=example("courtship coach --json"), rich_help_panel=LOOK)(coach)


@goals_app.command("list", epilog=example("courtship goals list --json"))
def list_goals(ctx: Ctx, as_json: AsJson = False) -> None:
    """Every goal: how the last period went, the one that runs, the streak."""
    from courtship.cli import place, screen

    workspace, now = place_of(ctx).open(), place.now()
    from courtship.plan.goals import describe, figure
    from courtship.service.accountability import coaching, goals
    from courtship.service.reckoning.refresh import fresh

    fresh(workspace, now=now)
    found = goals.stand(workspace, now=now)
    if as_json:
        screen.write_lines(coaching.goal_as_json(one) for one in found)
        return
    rows = []
    for one in found:
        last, running = coaching.last_asked(one), one.running
        rows.append(
            [
                one.goal.id,
                describe(one.goal),
                f"{last.outcome}, {figure(one.goal, last)}" if last else "-",
                "ended" if one.ended else (figure(one.goal, running) or "-") if running else "-",
                f"{one.streak.length:,} (longest {one.streak.longest:,})",
            ]
        )
    screen.show(screen.table(["id", "goal", "last", "now", "streak"], rows))


@goals_app.command(
    "set",
    epilog=example(
        "courtship goals set answers 90 --hours 4",
        "courtship goals set comments 5 --each day --rest 6",
        "courtship goals set moves 10 --each month --from like --to know",
        'courtship goals set by_hand 1 --words "call a customer"',
    ),
)
def set_goal(
    ctx: Ctx,
    measure: Annotated[
        str,
        typer.Argument(metavar="MEASURE", help="answers, comments, posts, moves, shares, thanks or by_hand"),
    ],
    target: Annotated[int, typer.Argument(metavar="N", help="how many; of answers and thanks per cent")],
    each: Annotated[str, typer.Option(help="day, week or month")] = "week",
    hours: Annotated[int, typer.Option(help="answers count within so many hours")] = 4,
    before: Annotated[str, typer.Option("--from", metavar="STAGE", help="people rise from this stage")] = "",
    after: Annotated[str, typer.Option("--to", metavar="STAGE", help="to this one")] = "",
    words: Annotated[str, typer.Option(help="what it is, for a goal by hand")] = "",
    rest: Annotated[
        list[int] | None, typer.Option(help="a day of rest, 0 is Monday; may be repeated")
    ] = None,
    grace: Annotated[int, typer.Option(help="misses in ten that are forgiven")] = 1,
    on: Annotated[
        list[str] | None, typer.Option(metavar="PLATFORM", help="there only; may be repeated")
    ] = None,
    referee: Annotated[
        str, typer.Option(metavar="PARTNER", help="who says whether a goal by hand was kept")
    ] = "",
    goal: Annotated[str, typer.Option(metavar="GOAL", help="change this one instead")] = "",
    as_json: AsJson = False,
) -> None:
    """Sets a goal. It begins with the day, week or month that runs."""
    from courtship.cli import place
    from courtship.cli.screen import say, write_json

    workspace = place_of(ctx).open()
    from courtship.plan.goals import Goal, describe
    from courtship.service.accountability import goals, partners

    detail: dict[str, Any] = {
        "measure": measure,
        "period": each,
        "target": target,
        "words": words,
        "hours": hours,
        "before": before,
        "after": after,
        "rest": rest or [],
        "grace": grace,
        "on": on or [],
        "referee": partners.partner(workspace, referee).id if referee else "",
    }
    (made,) = goals.set_goal(workspace, detail, now=place.now(), id=goal)
    if as_json:
        write_json({"goal": made.subject, "decision": made.position})
    else:
        said = describe(Goal.from_detail(made.subject, made.detail))
        say(f"goal {made.subject}: {said}; courtship people undo {made.position} takes it back")


@goals_app.command("tick", epilog=example("courtship goals tick a11c0004 --on 2026-11-22"))
def tick(
    ctx: Ctx,
    goal: GoalId,
    on: Annotated[str | None, typer.Option(metavar="TIME", help="when, ISO 8601; without it, now")] = None,
    times: Annotated[int, typer.Option(help="how many times")] = 1,
) -> None:
    """Says that a goal by hand was done."""
    from courtship.cli import place
    from courtship.cli.screen import say

    workspace = place_of(ctx).open()
    from courtship.service.accountability import goals

    goals.tick(workspace, goal, now=place.now(), on=place.moment(on), times=times)
    say("ticked off")


@goals_app.command("end", epilog=example("courtship goals end a11c0004"))
def end_goal(ctx: Ctx, goal: GoalId) -> None:
    """Ends a goal; what came of it stays."""
    from courtship.cli import place
    from courtship.cli.screen import say

    workspace = place_of(ctx).open()
    from courtship.service.accountability import goals

    goals.end_goal(workspace, goal, now=place.now())
    say("the goal has ended")


@goals_app.command(
    "report", epilog=example("courtship goals report", "courtship goals report --as eml > week.eml")
)
def report(
    ctx: Ctx,
    week: Annotated[str, typer.Option(metavar="DAY", help="the week's Monday; else the last week")] = "",
    form: Annotated[str, typer.Option("--as", help="text, html or eml (a mail to send on)")] = "text",
    to: Annotated[str, typer.Option(metavar="NAME", help="send it to this address of courtship notify")] = "",
) -> None:
    """The weekly report: what came of each goal, what was written, what partners said."""
    from courtship.cli import place
    from courtship.cli.screen import say
    from courtship.errors import CourtshipError

    if form not in ("text", "html", "eml"):
        raise typer.BadParameter("write text, html or eml")
    workspace, now = place_of(ctx).open(), place.now()
    from courtship.service.accountability import weekly
    from courtship.service.reckoning.refresh import fresh

    fresh(workspace, now=now)
    told = weekly.report(workspace, now=now, day=week)
    if to:
        from courtship.service.notices import notices

        sent = weekly.send(workspace, told, to, base=notices.base(workspace))
        if not sent.ok:
            raise CourtshipError(f"it was not taken: {sent.why}")
        say(f"sent to {to}")
        return
    if form == "eml":
        sys.stdout.buffer.write(weekly.mail(workspace, told).as_bytes())
    else:
        letter = weekly.letter(workspace, told)
        text = f"{letter.title}\n\n{letter.text}" if form == "text" else letter.html
        sys.stdout.buffer.write(text.encode())
    sys.stdout.flush()


def checkin(
    ctx: Ctx,
    of: Annotated[
        str, typer.Option(metavar="PERIOD", help="such as week:2026-11-16; else the last that is over")
    ] = "",
    planned: Annotated[str, typer.Option(help="what was planned")] = "",
    way: Annotated[str, typer.Option(help="what stood in the way")] = "",
    following: Annotated[str, typer.Option("--next", help="what is next")] = "",
    as_json: AsJson = False,
) -> None:
    """What the log shows of a week's goals; with words, writes the check-in."""
    from courtship.cli import place, screen

    workspace, now = place_of(ctx).open(), place.now()
    from courtship.plan.goals import describe
    from courtship.service.accountability import checkins, weekly
    from courtship.service.reckoning.refresh import fresh
    from courtship.times import to_iso

    fresh(workspace, now=now)
    due = checkins.due(workspace, now=now)
    key = of or (f"{due[0].period}:{due[0].day}" if due else checkins.current_key(workspace, now=now))
    stretch = checkins.stretch_of(workspace, key)
    if planned or way or following:
        before = next((one.planned for one in due if f"{one.period}:{one.day}" == key), "")
        checkins.write(
            workspace, key, planned=planned or before, stood_in_the_way=way, next=following, now=now
        )
        screen.say(f"the check-in of {key} is written")
        due = checkins.due(workspace, now=now)
    shown = checkins.shown(workspace, stretch, now=now)
    told = [one for one in checkins.written(workspace) if one.key == key]
    if as_json:
        screen.write_json(
            {
                "period": key,
                "start": to_iso(stretch.start),
                "end": to_iso(stretch.end),
                "due": any(f"{one.period}:{one.day}" == key for one in due),
                "shown": [{"goal": one.goal.id, "says": describe(one.goal)} | _counts(one) for one in shown],
                "written": [
                    {
                        "by": one.writer or "owner",
                        "at": to_iso(one.at),
                        "planned": one.planned,
                        "stood_in_the_way": one.stood_in_the_way,
                        "next": one.next,
                    }
                    for one in told
                ],
            }
        )
        return
    rows = [[describe(one.goal), weekly.came_of(one.goal, one.kept)] for one in shown]
    screen.show(screen.table([key, "what the log shows"], rows))
    for one in told:
        for asked, words in weekly.parts(one):
            screen.console().print(f"{one.writer or 'you'}, {asked}: {words}", markup=False)


def _counts(one: Any) -> dict[str, int]:
    told = [kept.outcome for kept in one.kept]
    return {
        name.replace(" ", "_"): told.count(name) for name in ("kept", "missed", "rest", "not seen", "running")
    }


@partner_app.command("list", epilog=example("courtship partner list --json"))
def list_partners(ctx: Ctx, as_json: AsJson = False) -> None:
    """Who your partners are and what they may see."""
    from courtship.cli import screen

    workspace = place_of(ctx).open()
    from courtship.service.accountability import partners
    from courtship.times import to_iso

    found = partners.partners(workspace)
    if as_json:
        screen.write_lines(
            {
                "partner": one.id,
                "name": one.name,
                "figures": one.figures,
                "names": one.names,
                "referee": one.referee,
                "open": one.open,
                "since": to_iso(one.since),
            }
            for one in found
        )
        return
    yes = {True: "yes", False: "no"}
    rows = [[one.id, one.name, yes[one.figures], yes[one.names], yes[one.referee]] for one in found]
    screen.show(screen.table(["id", "name", "sees figures", "sees names", "referee"], rows))


@partner_app.command("invite", epilog=example("courtship partner invite Ottoline --figures --referee"))
def invite(
    ctx: Ctx,
    name: Annotated[str, typer.Argument(metavar="NAME", help="as you call them")],
    figures: Annotated[
        bool, typer.Option("--figures", help="they see figures, not only kept or missed")
    ] = False,
    names: Annotated[bool, typer.Option("--names", help="they see people's names")] = False,
    referee: Annotated[bool, typer.Option("--referee", help="they may judge goals by hand")] = False,
    mail: Annotated[str, typer.Option(metavar="ADDRESS", help="their mail, to be kept with it")] = "",
    as_json: AsJson = False,
) -> None:
    """Makes a partner and prints the path of their page, this once: put your server's address before it."""
    from courtship.cli import place, screen

    workspace = place_of(ctx).open()
    from courtship.service.accountability import partners

    one, secret, _ = partners.invite(
        workspace, name, figures=figures, names=names, referee=referee, mail=mail, now=place.now()
    )
    if as_json:
        screen.write_json({"partner": one.id, "path": f"/partner/{secret}"})
        return
    screen.say(f"hand this to {one.name}, behind your server's address; it is shown this once")
    screen.show(f"/partner/{secret}")


@partner_app.command("end", epilog=example("courtship partner end Ottoline"))
def end_partner(
    ctx: Ctx, partner: Annotated[str, typer.Argument(metavar="PARTNER", help="their id or name")]
) -> None:
    """Ends it: the link opens nothing from now on."""
    from courtship.cli import place
    from courtship.cli.screen import say

    workspace = place_of(ctx).open()
    from courtship.service.accountability import partners

    one = partners.partner(workspace, partner)
    partners.end(workspace, one.id, now=place.now())
    say(f"{one.name} is no partner any more")


def coach(ctx: Ctx, as_json: AsJson = False) -> None:
    """Every workspace of this home: its goals, the check-ins that are due, how it goes."""
    from courtship.cli import place, screen
    from courtship.store import list_workspaces, open_workspace

    home, now = place_of(ctx).home, place.now()
    place_of(ctx).open()
    from courtship.service.accountability import coaching
    from courtship.service.reckoning.refresh import fresh

    workspaces = [open_workspace(home, name, create=False) for name in list_workspaces(home)]
    for workspace in workspaces:
        fresh(workspace, now=now)
    found = coaching.clients(workspaces, now=now)
    if as_json:
        screen.write_lines(coaching.as_json(one) for one in found)
        return
    rows = []
    for one in found:
        due = ", ".join(f"{each.period}:{each.day}" for each in one.due)
        trends = ", ".join(sorted({said for goal in one.goals if (said := coaching.trend(goal))}))
        kept = one.wrong or (f"{one.kept} of {one.asked}" if one.asked else "-")
        rows.append([one.name, one.workspace, kept, due or "-", trends or "-"])
    screen.show(screen.table(["client", "workspace", "kept last time", "check-in due", "lately"], rows))
