"""What a notice says: one plain sentence of what happened, and one of why it is told."""

from __future__ import annotations

from typing import Final

from courtship.model import Micros
from courtship.plan.notices import Rule
from courtship.plan.words import Calendar, listed, on_platform, platform_title, plural

DID: Final = {
    "follow": "followed you",
    "view": "looked at your page",
    "like": "liked something of yours",
    "vote": "voted in your poll",
    "comment": "commented",
    "mention": "mentioned you",
    "message": "wrote you a message",
    "share": "shared your post",
    "quote": "quoted your post",
    "endorse": "recommended you",
    "block": "blocked you",
}


def act_said(name: str, kind: str, platform: str, calendar: Calendar, at: Micros) -> str:
    """ "Maya commented on Mastodon"; with the day where it was not today."""
    when = calendar.ago(at)
    day = "" if when == "today" else f", {when}"
    return f"{name} {DID.get(kind, 'did something')}{on_platform(platform)}{day}"


def stage_said(name: str, before: str, after: str, *, certain: bool, lapse: bool) -> str:
    """ "Maya: from like to know"."""
    least = "at least " if not certain and after != "parted" else ""
    if after == "parted":
        return f"{name} and you have parted ways, by a block"
    if lapse:
        return f"{name} went back from “{before}” to “{after}”, as nothing happened for a while"
    return f"{name} went from “{before}” to {least}“{after}”"


def waiting_said(name: str, kind: str, platform: str, hours: int) -> str:
    """ "Maya has waited 4 hours for an answer on Mastodon"."""
    what = "a thank-you" if kind in ("share", "quote", "endorse") else "an answer"
    return f"{name} has waited {plural(hours, 'hour')} for {what}{on_platform(platform)}"


def quiet_said(name: str, calendar: Calendar, at: Micros) -> str:
    """ "Maya has gone quiet: last word between you 90 days ago"."""
    return f"{name} has gone quiet: last word between you {calendar.ago(at)}"


def reason_of(sort: str, kind: str) -> str:
    """What to do about it, in a few words."""
    if sort == "act" and kind in ("share", "quote", "endorse"):
        return "A share introduces you to friends: thank them."
    if sort in ("act", "waiting") and kind in ("comment", "mention", "message"):
        return "It waits for a word from you."
    if sort == "new":
        return "Somebody new: welcome them."
    if sort == "quiet":
        return "A good moment to write."
    return ""


def moved_said(kind: str, *, theirs: bool) -> str:
    """By what a stage was reached: "They commented: that was what the next stage lacked"."""
    did = f"They {DID.get(kind, 'did something')}" if theirs else "You answered, or did something for them"
    return f"{did}: that was what the next stage lacked."


def rule_said(rule: Rule, whom: str = "") -> str:
    """A rule in one sentence: "When somebody shares your post on Mastodon: tell phone at once". ``whom`` is
    the name of the one person that it is about."""
    if rule.on == "report":
        return f"When a week is over: tell {rule.to} what came of your goals"
    one = whom or (f"somebody tagged {rule.who[4:]}" if rule.who.startswith("tag:") else "somebody")
    match rule.on:
        case "share":
            what = f"{one} shares, quotes or recommends you"
        case "new":
            what = f"{one} is new"
        case "stage":
            what = f"the stage of {one} changes"
            what += f" to {_any_of(rule.stages)}" if rule.stages else ""
        case "waiting":
            what = f"{one} has waited {plural(rule.hours, 'hour')} for an answer"
        case "quiet":
            what = f"{one} goes quiet"
        case _:
            what = f"{one} does anything towards you"
    if rule.kinds and rule.on in ("act", "waiting"):
        what += f" ({_any_of(rule.kinds)})"
    if rule.stages and rule.on != "stage":
        what += f", standing at {_any_of(rule.stages)}"
    if rule.platforms:
        what += f", on {_any_of([platform_title(one) for one in rule.platforms])}"
    when = {"daily": "every morning", "weekly": "once a week"}.get(rule.when, "at once")
    return f"When {what}: tell {rule.to} {when}"


def _any_of(words: list[str] | tuple[str, ...]) -> str:
    return listed(words).replace(" and ", " or ")
