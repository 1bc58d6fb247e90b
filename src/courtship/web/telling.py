"""Acts, changes of stage and conditions in plain words, for one person's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from courtship.model import Missing
from courtship.service.people.story import Act, Story
from courtship.web import words

THEY = {
    "follow": "followed you",
    "view": "looked at what you showed",
    "like": "liked a post of yours",
    "vote": "voted in your poll",
    "comment": "answered you",
    "mention": "mentioned you",
    "message": "wrote to you",
    "share": "shared a post of yours",
    "quote": "shared a post of yours with words added",
    "endorse": "recommended you",
    "block": "blocked you",
}
YOU = {
    "follow": "you followed",
    "view": "you looked",
    "like": "you liked a post",
    "vote": "you voted in a poll",
    "comment": "you answered",
    "mention": "you mentioned them",
    "message": "you wrote",
    "share": "you shared a post",
    "quote": "you shared a post with words added",
    "endorse": "you recommended them",
    "block": "you put up a block",
}
NOUN = {
    "view": "look",
    "like": "like",
    "vote": "vote",
    "comment": "comment",
    "mention": "mention",
    "message": "message",
    "share": "share",
    "quote": "quote",
    "endorse": "recommendation",
}
WINDOWS = {180: "within half a year", 365: "within a year", 730: "within two years"}


def did(act: Act) -> str:
    """ "shared “Why our rye takes two days” with 1,940 followers"."""
    said = (YOU if act.outbound else THEY)[act.kind]
    if act.subject:
        title = f"“{cut(act.subject, 60)}”"
        said = said.replace("a post of yours", title).replace("a post", title)
    if act.followers and act.kind in ("share", "quote") and not act.outbound:
        said += f" with {words.plural(act.followers, 'follower')}"
    return said


def cut(text: str, most: int) -> str:
    """The first words of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def change(cause: Act | None, lapse: bool, at: int) -> str:
    """Why the stage changed, as its receipt says it."""
    if lapse:
        return "nothing happened on the day; what it stood on had simply grown old."
    if cause is None:
        return "an act of that day."
    if cause.ended == at and cause.at != at:
        return (
            f"{did(cause)}, and took it back that day."
            if not cause.outbound
            else f"{did(cause)}, and took it back."
        )
    where = words.platform_title(cause.account.partition(":")[0])
    return f"{did(cause)} on {where}."


def condition(rule: Mapping[str, Any]) -> tuple[str, str]:
    """A condition of the policy as (what, within when)."""
    outbound = rule.get("direction") == "outbound"
    by = " from you" if outbound else ""
    if "standing" in rule:
        return ("A follow from you" if outbound else "A follow", "")
    days = int(rule["within_days"])
    within = f" {WINDOWS.get(days, f'within {days} days')}"
    of = [str(kind) for kind in rule.get("of", ())]
    if "days" in rule:
        need = int(rule["days"])
        return f"{counted(need)} different {'day' if need == 1 else 'days'} with {kinds(of, 2)}{by}", within
    if "kinds" in rule:
        return f"{counted(int(rule['kinds']))} different ways to speak up{by}", within
    need = int(rule["count"])
    return f"{counted(need)} {kinds(of, need)}{by}", within


def counted(need: int) -> str:
    """ "One", "Three", "14"."""
    return words.counted(need)


def kinds(of: Sequence[str], need: int) -> str:
    """Kinds by their common name where they have one."""
    many = "" if need == 1 else "s"
    if set(of) >= {"like", "vote", "comment", "share"}:
        return f"sign{many} of interest" if "view" in of else f"answer{many} of any kind"
    if set(of) >= {"vote", "comment", "mention", "share"}:
        return f"word{many} or share{many}"
    named = [NOUN[kind] + many for kind in of]
    return words.listed(named).replace(" and ", " or ")


def opening(story: Story, short: str) -> str:
    """How things are between the two, in a sentence or two."""
    stage, peak, ladder = story.report.stage, story.report.peak, story.ladder
    if story.beyond is not None and story.seen_until is not None:
        return (
            f"{short} stood at “{story.stood}” on {words.day(story.seen_until)}, when your data end;"
            " what came after cannot be seen."
        )
    told = {
        "aware": f"You and {short} have met; not more is seen lately.",
        "like": f"{short} shows interest in you, and mostly watches.",
        "know": f"You and {short} know each other.",
        "trust": f"{short} has introduced you to friends.",
    }
    if stage == "parted":
        said = f"A block stands between you and {short}."
    elif ladder == ("like", "know", "trust") or stage == "aware":
        said = told[stage]
    else:
        said = f"{short} stands at “{stage}”."
    if peak in ladder and peak != stage and (stage not in ladder or ladder.index(peak) > ladder.index(stage)):
        said += f" It has been {peak} before."
    return said


def unseen(missing: Sequence[Missing], stage: str, short: str) -> str:
    """What cannot be told because it cannot be seen."""
    if any(item.seen == "none" for item in missing):
        return (
            f"Some of this cannot be seen here, so {short} is at least at “{stage}”, perhaps further on."
            " Your own archive may show it; or log it by hand."
        )
    if any(item.seen == "some" for item in missing):
        return f"Only partly seen here, so {short} is at least at “{stage}”, perhaps further on."
    return ""
