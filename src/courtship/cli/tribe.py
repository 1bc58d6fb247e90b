"""``courtship tribe``: who is in it, what both sides promised, whom to ask, and the books."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from courtship.cli.options import AsJson, Ctx, Ref, example, place_of

if TYPE_CHECKING:
    from courtship.tribe.commitment import Giver, Terms

app = typer.Typer(no_args_is_help=True, help="A few people who look after each other's posts with you.")


class Step(StrEnum):
    """What can be done with a commitment."""

    offer = "offer"
    accept = "accept"
    decline = "decline"
    pause = "pause"
    resume = "resume"
    end = "end"


Post = Annotated[str, typer.Argument(metavar="POST", help="the address or object of a post of yours")]


@app.command(epilog=example("courtship tribe show", "courtship tribe show --json"))
def show(ctx: Ctx, as_json: AsJson = False) -> None:
    """The members by name: give and take of the last 13 weeks, what is open, what is agreed."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, table, write_lines
    from courtship.cli.screen import show as shown
    from courtship.times import to_iso

    workspace = place_of(ctx).open()
    from courtship.service.tribe import page as tribe_page

    held = tribe_page.state(workspace, now=now())
    if as_json:
        write_lines(
            {
                "person": one.person,
                "name": one.name,
                "stage": one.stage,
                "joined": to_iso(one.joined),
                "theirs": one.balance.theirs,
                "yours": one.balance.yours,
                "band": one.balance.band,
                "you_owe": len(one.yours),
                "they_owe": len(one.theirs),
                "asked_this_week": one.asked,
                "not_heard_of_since": to_iso(one.drifted) if one.drifted else None,
                "agreed": [
                    {"id": each.id, "state": each.state, "said": tribe_page.in_words(each, "they")}
                    for each in (*one.in_force, *one.waiting)
                ],
            }
            for one in held.members
        )
        return
    if not held.members:
        say("nobody yet: courtship tribe join REF takes somebody in")
        return
    shown(
        table(
            ["name", "person", "give and take", "to you", "from you", "you owe", "they owe"],
            [
                [
                    one.name,
                    one.person,
                    one.balance.band,
                    str(one.balance.theirs),
                    str(one.balance.yours),
                    str(len(one.yours)),
                    str(len(one.theirs)),
                ]
                for one in held.members
            ],
        )
    )


@app.command(epilog=example("courtship tribe join mastodon:ann@example.social"))
def join(ctx: Ctx, ref: Ref, as_json: AsJson = False) -> None:
    """Takes somebody in. Nothing is promised by that."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, write_json

    workspace = place_of(ctx).open()
    from courtship.service.tribe import deciding as tribe_deciding

    (made,) = tribe_deciding.join(workspace, ref, now=now())
    if as_json:
        write_json({"joined": made.subject, "decision": made.position})
    say(f"{ref} is in the tribe; courtship tribe commit says what each side does")


@app.command(epilog=example("courtship tribe leave mastodon:ann@example.social"))
def leave(ctx: Ctx, ref: Ref, as_json: AsJson = False) -> None:
    """Somebody leaves: what was promised ends both ways, nothing stays open, the private link closes."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, write_json

    workspace = place_of(ctx).open()
    from courtship.service.tribe import deciding as tribe_deciding

    made = tribe_deciding.leave(workspace, ref, now=now())
    if as_json:
        write_json({"left": made[-1].subject, "ended": [one.subject for one in made[:-1]]})
    say(f"{ref} has left the tribe")


PROMISE = (
    "GIFTS:PACE, as in comment,share:2 (twice a week), like:each_post/3 (within 3 days), like:as_it_comes"
)


@app.command(
    epilog=example(
        "courtship tribe commit mastodon:ann@example.social --theirs comment:1 --yours like:each_post/7"
    )
)
def commit(
    ctx: Ctx,
    ref: Ref,
    theirs: Annotated[
        str, typer.Option(metavar="PROMISE", help=f"what they do for your posts: {PROMISE}")
    ] = "",
    yours: Annotated[
        str, typer.Option(metavar="PROMISE", help="what you do for theirs, in the same way")
    ] = "",
    topics: Annotated[str, typer.Option(metavar="WORDS", help="only posts about these, with commas")] = "",
    cap: Annotated[int, typer.Option(metavar="N", min=0, max=1000, help="most a week; 0 for no limit")] = 0,
    draft: Annotated[bool, typer.Option("--draft", help="keep it as a draft, do not offer it yet")] = False,
    as_json: AsJson = False,
) -> None:
    """Puts down what each side promises, in return for the other's, and offers it."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, write_json

    workspace = place_of(ctx).open()
    from courtship.service.tribe import deciding as tribe_deciding

    said: tuple[tuple[Giver, str], ...] = (("member", theirs), ("brand", yours))
    sides = [_promise(giver, text, topics, cap) for giver, text in said if text]
    made = tribe_deciding.draft(workspace, ref, sides, now=now(), offer=not draft)
    drafted = [one.subject for one in made if one.verb == "commitment.draft"]
    if as_json:
        write_json({"commitments": drafted, "state": "drafted" if draft else "offered"})
    for id in drafted:
        say(f"{id} is {'drafted' if draft else 'offered'}; courtship tribe step {id} accept notes their yes")


def _promise(giver: Giver, text: str, topics: str, cap: int) -> Terms:
    from courtship.tribe.commitment import GIFTS, Gift, Terms

    gifts, _, pace = text.partition(":")
    names = [name.strip() for name in gifts.split(",")]
    if not set(names) <= set(GIFTS):
        raise typer.BadParameter(f"{gifts!r} is none of {', '.join(GIFTS)}")
    chosen: tuple[Gift, ...] = tuple(gift for gift in GIFTS if gift in names)
    words = tuple(word.strip() for word in topics.split(",") if word.strip())
    kind: Literal["each_post", "per_week", "best_effort"] = "best_effort"
    times, days = 0, 7
    pace, _, within = pace.strip().partition("/")
    if pace.isdecimal():
        kind, times = "per_week", int(pace)
    elif pace == "each_post":
        kind, days = "each_post", int(within) if within.isdecimal() else 7
    elif pace not in ("", "as_it_comes"):
        raise typer.BadParameter(f"{pace!r} is no pace; write a number a week, each_post/DAYS or as_it_comes")
    return Terms("-", giver, chosen, kind, times=times, within_days=days, cap=cap, topics=words)


@app.command(epilog=example("courtship tribe step c01a2b3c4d5e accept"))
def step(
    ctx: Ctx,
    id: Annotated[str, typer.Argument(metavar="ID", help="the commitment, as tribe show --json names it")],
    what: Annotated[Step, typer.Argument(metavar="STEP", help="|".join(Step))],
    as_json: AsJson = False,
) -> None:
    """Offers, accepts, declines, pauses, resumes or ends a commitment. Pausing and ending leave no debt."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, write_json

    workspace = place_of(ctx).open()
    from courtship.service.tribe import deciding as tribe_deciding

    made = tribe_deciding.take_step(workspace, id, what.value, now=now())
    if as_json:
        write_json({"step": what.value, "commitments": [one.subject for one in made]})
    say(f"{what.value}: {', '.join(one.subject for one in made)}")


@app.command(epilog=example("courtship tribe whom https://example.social/@bakery/1"))
def whom(ctx: Ctx, post: Post, as_json: AsJson = False) -> None:
    """Whom to ask to look at a post, best first, and whom to spare, each with the reason. Asks nobody."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, table, write_json
    from courtship.cli.screen import show as shown
    from courtship.errors import NotAllowed

    workspace = place_of(ctx).open()
    from courtship.service.tribe import asking as tribe_asking
    from courtship.service.tribe import page as tribe_page

    moment = now()
    held = tribe_page.state(workspace, now=moment)
    found = tribe_asking.find_post(workspace, post)
    if found is None:
        raise NotAllowed(f"none of your posts here is {post}; give the address under which it was told")
    asking = tribe_asking.ask_for(workspace, held, found, now=moment)
    names = {one.person: one.name for one in held.members}
    if as_json:
        write_json(
            {
                "post": found.object,
                "ask": [
                    {
                        "person": one.person,
                        "name": names[one.person],
                        "gifts": list(one.gifts),
                        "reasons": list(one.reasons),
                    }
                    for one in asking.suggestions
                ],
                "spare": [{"person": one.person, "reason": one.reason} for one in asking.spared],
            }
        )
        return
    if not asking.suggestions:
        say("nobody to ask just now")
    rows = [[names[one.person], ", ".join(one.gifts), "; ".join(one.reasons)] for one in asking.suggestions]
    rows += [[names[one.person], "spare", one.reason] for one in asking.spared]
    shown(table(["name", "for", "why"], rows))


@app.command(epilog=example("courtship tribe ask x:12345 https://example.social/@bakery/1"))
def ask(ctx: Ctx, ref: Ref, post: Post, as_json: AsJson = False) -> None:
    """Notes that you asked a member, by hand, to look at a post. Their answer will be recognised."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, write_json

    workspace = place_of(ctx).open()
    from courtship.service.tribe import deciding as tribe_deciding

    (made,) = tribe_deciding.ask(workspace, ref, post, now=now())
    if as_json:
        write_json({"asked": made.subject, "post": post, "decision": made.position})
    say(f"noted: {ref} was asked")


@app.command(epilog=example("courtship tribe link x:12345 --base https://courtship.example"))
def link(
    ctx: Ctx,
    ref: Ref,
    base: Annotated[
        str, typer.Option(metavar="URL", help="where your server is reached from outside")
    ] = "http://127.0.0.1:8000",
    close: Annotated[bool, typer.Option("--close", help="close their link instead")] = False,
    as_json: AsJson = False,
) -> None:
    """A member's private link, printed this once: to send by hand. A new one closes the one before it."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, write_json

    workspace = place_of(ctx).open()
    from courtship.service.tribe import deciding as tribe_deciding

    if close:
        tribe_deciding.close_link(workspace, ref, now=now())
        if as_json:
            write_json({"closed": ref})
        say("the link opens no more")
        return
    secret, _ = tribe_deciding.make_link(workspace, ref, now=now())
    address = f"{base.rstrip('/')}/with/{secret}"
    if as_json:
        write_json({"link": address})
    else:
        typer.echo(address)
    say("it is not kept anywhere and not shown again; send it to them alone")


@app.command(epilog=example("courtship tribe ledger x:12345", "courtship tribe ledger x:12345 --json"))
def ledger(ctx: Ctx, ref: Ref, as_json: AsJson = False) -> None:
    """The books with one member: by kind and week, what is open, and with --json every entry."""
    from courtship.cli.place import now
    from courtship.cli.screen import say, table, write_json
    from courtship.cli.screen import show as shown

    workspace = place_of(ctx).open()
    from courtship.service.people import identity
    from courtship.service.tribe import member as tribe_member

    person = identity.resolve(workspace, ref).person
    moment = now()
    if as_json:
        write_json(tribe_member.as_json(workspace, person, now=moment))
        return
    held = tribe_member.account(workspace, person, now=moment)
    shown(
        table(
            ["kind", "to you", "from you"],
            [[line.kind, str(line.theirs), str(line.yours)] for line in held.lines]
            + [["in all", str(held.balance.theirs), str(held.balance.yours)]],
        )
    )
    say(f"{held.name}: {held.balance.band}; you owe {len(held.yours)}, they {len(held.theirs)}")
