"""What there is to see: ``stages``, ``person``, ``today``, ``policy``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from courtship.cli.options import LOOK, AsJson, At, Ctx, PolicyFile, Ref, example, place_of
from courtship.model import DAY, Micros

if TYPE_CHECKING:
    from collections.abc import Mapping

    from courtship.lifecycle.breadth import Breadth
    from courtship.service.people.story import Answering, Story
    from courtship.service.policy.trying import Mover
    from courtship.service.reckoning.stages import PersonStanding

SECOND = 1_000_000

LadderFile = Annotated[Path, typer.Argument(metavar="FILE", help="a policy in TOML")]

policy_app = typer.Typer(no_args_is_help=True, help="The ladder: read it, check one, try one.")


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command(
        epilog=example("courtship stages", "courtship stages --at 2026-01-01 --policy mine.toml --json"),
        rich_help_panel=LOOK,
    )(stages)
    app.command(
        epilog=example(
            "courtship person x:12345", "courtship person mastodon:ann@example.social --at 2025-06-01"
        ),
        rich_help_panel=LOOK,
    )(person)
    app.command(epilog=example("courtship today", "courtship today --json"), rich_help_panel=LOOK)(today)
    app.add_typer(policy_app, name="policy", rich_help_panel=LOOK)


def stages(
    ctx: Ctx,
    at: At = None,
    policy: PolicyFile = None,
    stage: Annotated[str | None, typer.Option(metavar="STAGE", help="only who stands there")] = None,
    limit: Annotated[int, typer.Option(min=0, help="how many people the table shows; --json has all")] = 20,
    engine: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="where to reckon: threads://2, processes://2, dask://host:port"),
    ] = "",
    lake: Annotated[
        str, typer.Option(metavar="ADDRESS", help="the folder or object store that the engine reads from")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Every person's stage: the board, and the people by who moved last."""
    from courtship.cli import place, screen
    from courtship.cli.board_picture import BoardPicture

    workspace, moment = place_of(ctx).open(), place.moment(at)
    from courtship.service.people import audience
    from courtship.service.reckoning import stages as service

    with screen.progress("reckoning"):
        found = service.stages(
            workspace,
            at=moment,
            policy=place.policy(policy),
            now=place.now(),
            engine=engine or ("threads://2" if lake else ""),
            lake=lake or str(workspace.home / "lake" / workspace.name),
        )
    people = [one for one in found.people if stage is None or one.stage == stage]
    if as_json:
        screen.write_lines(standing_json(one) for one in people)
        return
    screen.show(BoardPicture(audience.board(workspace, found, present=moment is None and policy is None)))
    # whoever only lapsed after the data end has not moved, as far as anybody can tell
    unseen = audience.lapsed_unseen(workspace) if moment is None and policy is None else frozenset()
    latest = sorted(people, key=lambda one: (one.person in unseen, -one.since, one.person))[:limit]
    if latest:
        screen.show(_people_table(latest, found.ladder))
    if len(people) > limit:
        screen.say(f"{len(people) - limit:,} more; --limit {len(people)} shows all, --json is for scripts")


def person(ctx: Ctx, ref: Ref, at: At = None, policy: PolicyFile = None, as_json: AsJson = False) -> None:
    """One person: where you two stand, how it came, what is missing and how that is known."""
    from courtship.cli import place, screen
    from courtship.cli.story_picture import StoryPicture

    workspace = place_of(ctx).open()
    from courtship.service.people import person as service

    story = service.story(workspace, ref, at=place.moment(at), policy=place.policy(policy), now=place.now())
    if as_json:
        screen.write_json(story_json(story))
    else:
        screen.show(StoryPicture(story))


def standing_json(one: PersonStanding) -> dict[str, Any]:
    """A line of ``courtship stages --json``."""
    from courtship.times import to_iso

    return {
        "person": one.person,
        "name": one.name,
        "accounts": list(one.accounts),
        "stage": one.stage,
        "since": to_iso(one.since),
        "until": None if one.until is None else to_iso(one.until),
        "peak": one.peak,
        "certain": one.certain,
        "momentum": one.momentum or None,
    }


def story_json(story: Story) -> dict[str, Any]:
    """``courtship person --json``."""
    from courtship.times import to_iso

    report = story.report
    return {
        "person": story.person,
        "name": story.name,
        "accounts": list(story.accounts),
        "stage": report.stage,
        "since": to_iso(report.since),
        "until": None if report.until is None else to_iso(report.until),
        "peak": report.peak,
        "certain": report.certain,
        "momentum": story.momentum or None,
        "transitions": [
            {
                "at": to_iso(change.at),
                "from": change.before,
                "to": change.after,
                "cause": change.cause,
                "activity": change.activity,
            }
            for change in report.transitions
        ],
        "missing": [{**item._asdict(), "condition": dict(item.condition)} for item in report.missing],
        "seen_until": None if story.seen_until is None else to_iso(story.seen_until),
        "answers": {
            "theirs": _answering_json(story.theirs, story.theirs_by_platform),
            "ours": _answering_json(story.ours, story.ours_by_platform),
        },
        "breadth": None if story.breadth is None else _breadth_json(story.breadth),
        "links": [link._asdict() for link in story.why],
        "set_aside": story.set_aside or None,
    }


def _answering_json(side: Answering | None, by_platform: Mapping[str, Answering]) -> dict[str, Any] | None:
    if side is None:
        return None
    return {
        "talk": side.talk,
        "answered": side.answered,
        "waiting": side.waiting,
        "unknown": side.unknown,
        "median_seconds": None if side.median is None else side.median // SECOND,
        "p90_seconds": None if side.p90 is None else side.p90 // SECOND,
        **(
            {"platforms": {name: _answering_json(one, {}) for name, one in by_platform.items()}}
            if by_platform
            else {}
        ),
    }


def _breadth_json(breadth: Breadth) -> dict[str, Any]:
    def days(length: Micros | None) -> int | None:
        return None if length is None else length // DAY

    return {
        "kinds": breadth.kinds,
        "platforms": breadth.platforms,
        "days": breadth.days,
        "public": breadth.public,
        "private": breadth.private,
        "unsaid": breadth.unsaid,
        "audience": breadth.audience,
        "tenure_days": days(breadth.tenure),
        "days_before_like": days(breadth.before_like),
        "days_before_word": days(breadth.before_word),
        "at_least": breadth.at_least,
    }


def _people_table(people: list[PersonStanding], ladder: tuple[str, ...]) -> Any:
    """A row a person; where they are is left out on a narrow screen, for their story has it."""
    from rich.cells import cell_len
    from rich.text import Text

    from courtship.cli.look import cut, hue, listed, platform_of, short_day, sign
    from courtship.cli.screen import console, table

    width = console().width
    wide = width >= 100
    rows = []
    for one in people:
        least = "" if one.certain else "at least "
        row = [
            Text(cut(one.name, 60) or cut(one.accounts[0], 60)),
            Text(f"{sign(one.stage, ladder):<3} {least}{one.stage}", style=hue(one.stage, ladder)),
            short_day(one.since),
            one.momentum.replace("quiet", "gone quiet"),
            listed(sorted({platform_of(account) for account in one.accounts})),
            Text(one.person, style="dim"),
        ]
        rows.append(row if wide else [*row[:4], row[5]])
    names = ["name", "stage", "since", "lately", *(["where"] if wide else []), "person"]
    widest = [max(cell_len(str(cell)) for cell in column) for column in zip(*rows, strict=True)]
    heads: list[tuple[str, dict[str, Any]]] = [
        (name, {"no_wrap": True, "overflow": "ellipsis", "min_width": max(size, len(name))})
        for name, size in zip(names, widest, strict=True)
    ]
    # The name gives way to everything else.
    left = width - 2 - sum(settings["min_width"] + 3 for _, settings in heads[1:])
    heads[0] = ("name", {"no_wrap": True, "overflow": "ellipsis", "max_width": max(left, 12)})
    return table(heads, rows)


def today(ctx: Ctx, at: At = None, as_json: AsJson = False) -> None:
    """What to do now, best first: at most five things, each with its reason and the evidence."""
    from courtship.cli import place, screen
    from courtship.cli.today_picture import TodayPicture

    workspace, moment = place_of(ctx).open(), place.now()
    from courtship.service.reckoning.refresh import fresh
    from courtship.service.reckoning.standing import standing
    from courtship.service.today import today as service

    fresh(workspace, now=moment)
    found = service.today(workspace, now=moment, at=place.moment(at))
    if as_json:
        screen.write_lines(service.as_json(task) for task in found.queue.tasks)
    else:
        screen.show(TodayPicture(found.queue, standing(workspace).ladder, found.at))


@policy_app.command(epilog=example("courtship policy show > mine.toml"))
def show(ctx: Ctx) -> None:
    """The ladder in force, as TOML: a start for one of your own."""
    workspace = place_of(ctx).open()
    from courtship.service.policy import trying

    typer.echo(trying.text(workspace), nl=False)


@policy_app.command(epilog=example("courtship policy check mine.toml"))
def check(file: LadderFile) -> None:
    """Whether a ladder is valid; a mistake is named with its line."""
    from courtship.cli.screen import say
    from courtship.lifecycle.policy import load

    checked = load(file)
    say(f"{file}: valid, the ladder {checked.name}: {', '.join(stage.name for stage in checked.stages)}")


@policy_app.command("try", epilog=example("courtship policy try mine.toml"))
def try_out(ctx: Ctx, file: LadderFile, as_json: AsJson = False) -> None:
    """Where everybody would stand by another ladder, beside where they stand. Nothing is changed."""
    from courtship.cli import place, screen

    workspace = place_of(ctx).open()
    from courtship.service.policy import trying
    from courtship.service.reckoning.refresh import fresh

    fresh(workspace, now=place.now())
    most = trying.EVERYBODY if as_json else 0
    tried = trying.compare(workspace, place.text_of(file), now=place.now(), where=str(file), most=most)
    if as_json:
        screen.write_json(
            {
                "now": {stage: before for stage, before, _ in tried.counts},
                "then": {stage: after for stage, _, after in tried.counts},
                "moves": [{"from": a, "to": b, "people": people} for a, b, people in tried.moves],
                "people": [_mover_json(one) for one in tried.people],
            }
        )
        return
    numbers = {"justify": "right"}
    rows = [[stage, f"{before:,}", f"{after:,}"] for stage, before, after in tried.counts]
    screen.show(screen.table(["stage", ("now", numbers), ("with it", numbers)], rows))
    for a, b, people in tried.moves:
        screen.say(f"{people:,} would stand at {b} and not at {a}")


def _mover_json(one: Mover) -> dict[str, Any]:
    why = one.why and {"stage": one.why.stage, "condition": dict(one.why.condition), "have": one.why.have,
                       "need": one.why.need}  # fmt: skip
    return {"person": one.person, "name": one.name, "from": one.before, "to": one.after, "why": why}


@policy_app.command(epilog=example("courtship policy adopt mine.toml"))
def adopt(ctx: Ctx, file: LadderFile) -> None:
    """This ladder from now on. The old one is kept among the decisions; `people undo` takes it back."""
    from courtship.cli import place, screen

    workspace = place_of(ctx).open()
    from courtship.service.policy import trying

    [decision] = trying.adopt(workspace, place.text_of(file), now=place.now(), where=str(file))
    screen.say(
        f"the ladder is now {decision.subject}; courtship people undo {decision.position} takes it back"
    )
