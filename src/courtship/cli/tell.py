"""Acts, conditions and changes of stage in plain words, for one person by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from courtship.cli.look import cut, day, listed, number, platform_of, span
from courtship.model import DAY, Missing, Transition
from courtship.service.people.story import Act, Story

_DID: Final[dict[str, str]] = {
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
_YOU_DID: Final[dict[str, str]] = {
    "follow": "you followed",
    "view": "you looked",
    "like": "you liked a post",
    "vote": "you voted in a poll",
    "comment": "you answered",
    "mention": "you wrote of this person",
    "message": "you wrote",
    "share": "you shared a post",
    "quote": "you shared a post with words of your own",
    "endorse": "you wrote a recommendation",
    "block": "you put up a block",
}
_ONE: Final[dict[str, tuple[str, str]]] = {
    "view": ("look", "looks"),
    "like": ("like", "likes"),
    "vote": ("vote", "votes"),
    "comment": ("answer", "answers"),
    "mention": ("mention", "mentions"),
    "message": ("message", "messages"),
    "share": ("share", "shares"),
    "quote": ("quote", "quotes"),
    "endorse": ("recommendation", "recommendations"),
}
_WORDS: Final = frozenset({"vote", "comment", "mention", "message", "share", "quote"})
_ANY: Final = frozenset(_ONE)


def did(act: Act) -> str:
    """What happened, in a few words: ``shared “Why our rye takes two days” with 1,940 followers``."""
    words = (_YOU_DID if act.outbound else _DID)[act.kind]
    if act.subject:
        subject = f"“{cut(act.subject, 48)}”"
        words = words.replace("a post of yours", subject).replace("a post", subject)
    if act.followers and act.kind in ("share", "quote") and not act.outbound:
        words += f" with {number(act.followers)} followers"
    if not act.precise:
        words += " (by then at the latest)"
    return words


def change(story: Story, transition: Transition, cause: Act | None) -> str:
    """Why a stage changed, as a receipt says it."""
    if transition.cause == "lapse":
        return "nothing happened on the day; what it stood on had grown old"
    if cause is None:
        return "an act of that day"
    if cause.ended == transition.at and cause.at != transition.at:
        return f"took back what was: {did(cause)}" if not cause.outbound else f"taken back: {did(cause)}"
    quoted = f" “{cut(cause.text, 70)}”" if cause.text and cause.text != cause.subject else ""
    return f"{did(cause)} on {platform_of(cause.account)}{quoted}"


def missing(item: Missing, name: str) -> str:
    """``one share, quote or recommendation from Ann within a year: 0 of 1``."""
    return f"{condition(item.condition, name)}: {item.have} of {item.need}"


def seen(item: Missing) -> str:
    """How the missing is known; nothing to add where all of it is seen."""
    if item.seen == "none":
        return "cannot be seen here: import your own archive, or log it by hand"
    return "only partly seen here" if item.seen == "some" else ""


def condition(rule: Mapping[str, Any], name: str) -> str:
    """A condition of the policy in words, about the person ``name``."""
    outbound = rule.get("direction") == "outbound"
    if "standing" in rule:
        return "a follow by you" if outbound else f"a follow by {name}"
    by = "from you" if outbound else f"from {name}"
    window = _window(int(rule["within_days"]))
    kinds = _kinds(list(rule.get("of", ())))
    if "days" in rule:
        days = int(rule["days"])
        return (
            f"{kinds[1]} {by} on {days} different days {window}" if days > 1 else f"{kinds[1]} {by} {window}"
        )
    if "kinds" in rule:
        return f"{rule['kinds']} different ways of speaking up {by} {window}"
    count = int(rule["count"])
    return f"{'one' if count == 1 else count} {kinds[0] if count == 1 else kinds[1]} {by} {window}"


def _kinds(of: Sequence[str]) -> tuple[str, str]:
    """One and many of these kinds, by their common name where they have one."""
    if frozenset(of) >= _ANY - {"view"}:
        return "sign of interest", "signs of interest"
    if frozenset(of) >= _WORDS:
        return "word, share or like" if "like" in of else "word or share", "words or shares"
    one = " or ".join(
        [", ".join(_ONE[kind][0] for kind in of[:-1]), _ONE[of[-1]][0]] if of[1:] else [_ONE[of[0]][0]]
    )
    many = listed([_ONE[kind][1] for kind in of]).replace(" and ", " or ")
    return one, many


def _window(days: int) -> str:
    return {180: "within half a year", 365: "within a year", 730: "within two years"}.get(
        days, f"within {days} days" if days > 1 else "within a day"
    )


def opening(story: Story) -> str:
    """The one sentence that says how things are between the two."""
    name = called(story)
    ladder, stage = story.ladder, story.report.stage
    talk = {
        "aware": f"You and {name} have met; not more than that is seen lately.",
        "like": f"{name} shows interest in you, and mostly watches.",
        "know": f"You and {name} know each other.",
        "trust": f"{name} has introduced you to friends.",
        "parted": f"A block stands between you and {name}.",
    }
    told = talk.get(stage) if ladder == ("like", "know", "trust") or stage == "parted" else None
    told = told or f"{name} stands at “{stage}”."
    if story.beyond is not None and story.seen_until is not None:
        return (
            f"{name} stood at “{story.stood}” on {day(story.seen_until)}, when your data end; "
            "what came after cannot be seen."
        )
    peak = story.report.peak
    if peak in ladder and peak != stage and (stage not in ladder or ladder.index(peak) > ladder.index(stage)):
        told += f" It has been {peak} before."
    return told


def ends_before(story: Story) -> bool:
    """Whether the data end a day or more before the moment of the story."""
    return story.seen_until is not None and story.seen_until < story.at - DAY


def last_heard(story: Story) -> str:
    """Where the data end before the day of the story; empty where they do not."""
    if story.seen_until is None or not ends_before(story):
        return ""
    last = max((act.at for act in story.acts if not act.outbound), default=None)
    heard = f"last heard of on {day(last)}; " if last is not None else ""
    return f"{heard}your data end on {day(story.seen_until)}"


def called(story: Story) -> str:
    """The person's name, else handle, else first account, as one clean line."""
    return cut(story.name, 60) or cut(story.handle, 60) or cut(story.accounts[0], 60)


def breadth(story: Story) -> list[str]:
    """How broad it is, in sentences: ways, days and platforms; what was public; how long one watched."""
    found, name = story.breadth, first_name(story)
    if found is None or not found.kinds:
        return []
    ways = _counted(len(found.kinds), "way", "ways")
    places = (
        f" on {_counted(len(found.platforms), 'platform', 'platforms')}" if len(found.platforms) > 1 else ""
    )
    on = f", on {_counted(found.days, 'day', 'days')}" if found.days else ""
    told = [f"{name} came {_counted(sum(found.kinds.values()), 'time', 'times')} in {ways}{places}{on}."]
    if found.public:
        seen = f", seen by up to {number(found.audience)}" if found.audience else ""
        told.append(f"{_counted(found.public, 'word or share', 'words and shares')} in public{seen}.")
    if found.before_word is not None and found.before_word >= DAY:
        least = "at least " if found.at_least else ""
        told.append(f"{name} watched for {least}{span(found.before_word)} before the first word.")
    return [" ".join(told)]


def first_name(story: Story) -> str:
    """The name as a friend says it: its first word, where that is one."""
    name = called(story)
    word = name.split()[0]
    return name if word[-1] in ".,:" or len(word) < 2 else word


def _counted(amount: int, one: str, many: str) -> str:
    return f"{number(amount)} {one if amount == 1 else many}"
