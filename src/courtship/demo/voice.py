"""What is said: posts, comments, answers and messages, put together from lists by topic and language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from courtship.demo.acts import ASKS, COMMENT, ENDORSE, MENTION, MESSAGE, OWN, QUOTE, SHARE, SPAM, VOTE
from courtship.demo.naming import words

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TOPICS: Final[list[dict[str, Any]]] = words("english")["topic"]
LONG_COMMENT: Final = 10_000
"""Characters in the one comment by somebody who tells a whole life."""

_MORE: Final[dict[str, Any]] = words("english")["more"]
_BRAND: Final[dict[str, Any]] = words("english")["brand"]
_TONGUES: Final[dict[str, Any]] = words("tongues")


def _pick(choices: Sequence[Any], dice: int) -> Any:
    return choices[dice % len(choices)]


def fill(template: str, dice: int, name: str = "") -> str:
    """The template with its slots filled. ``dice`` is a whole number of 30 bits or more."""
    if "{" not in template:
        return template
    things = _BRAND["things"]
    first = dice % len(things)
    out = template.replace("{thing}", things[first], 1).replace("{thing}", things[(first + 1) % len(things)])
    if "{name}" in out:
        out = out.replace("{name}", name) if name else out.replace(", {name}", "").replace("{name}, ", "")
    return out.format(
        day=WEEKDAYS[1 + dice // 3 % 6],
        n=4 + dice // 7 % 9,
        hour=("six", "seven", "half past seven", "eight", "nine", "ten")[dice // 5 % 6],
        where=_pick(_BRAND["places"], dice // 11),
        helper=_pick(_BRAND["helpers"], dice // 13),
        name=name,
    )


def post(topic: int, turn: int, dice: int, *, poll: bool, month: int) -> tuple[str, tuple[str, ...]]:
    """What a post says in ``month`` (1 to 12), and the choices of its poll. ``turn`` counts the posts on the
    topic."""
    if poll:
        which = turn % len(_MORE["poll_questions"])
        return _MORE["poll_questions"][which], tuple(_MORE["poll_options"][which])
    texts, seasons = TOPICS[topic]["posts"], TOPICS[topic].get("months")
    if seasons:  # no strawberries in November
        texts = [text for text, told in zip(texts, seasons, strict=True) if not told or month in told]
    return fill(_pick(texts, turn), dice), ()


def tags(topic: int) -> tuple[str, ...]:
    """The hashtags of a topic."""
    return tuple(TOPICS[topic]["tags"])


def bio(favourites: Sequence[int], dice: int) -> str:
    """What a profile says of somebody with these favourite topics."""
    template: str = _pick(words("names")["handles"]["bios"], dice)
    interest: str = TOPICS[favourites[0]]["interest"]
    said = template.replace("{interest}", interest)
    return said[:1].upper() + said[1:]


def inbound(
    kind: int, manner: int, topic: int, language: str, dice: int, more: int, *, returns: bool
) -> str | None:
    """What a person says in an act of this kind about a topic (-1: none); ``None`` where it has no words."""
    if manner == SPAM and kind in (COMMENT, MENTION):
        return str(_pick(_MORE["spam"], dice))
    own = _TONGUES.get(language)
    if kind == COMMENT:
        of = own or TOPICS[topic]
        if returns:
            return fill(_pick((own or _MORE)["returns"], dice), more)
        if manner == ASKS:
            return fill(_pick(of["questions"], dice), more)
        if more % 9 == 0:
            return str(_pick(_MORE["short"], dice))
        said = fill(_pick(of["comments"], dice), more)
        return (
            said if own else _pick(_MORE["openers"], more // 10) + said + _pick(_MORE["closers"], more // 110)
        )
    if kind == QUOTE:
        return fill(_pick((own or TOPICS[topic])["quotes"], dice), more)
    if kind == MENTION:
        return fill(_pick(_MORE["mentions"], dice), more)
    if kind == MESSAGE:
        return fill(_pick(_MORE["returns" if returns else "messages"], dice), more)
    if kind == ENDORSE:
        return fill(_pick(_MORE["endorsements"], dice), more)
    return None


def poll_options() -> list[list[str]]:
    """The choices of each poll question."""
    options: list[list[str]] = _MORE["poll_options"]
    return options


def vote(turn: int, dice: int) -> str:
    """The choice that somebody made in the poll with this ``turn``."""
    return str(_pick(_pick(_MORE["poll_options"], turn), dice))


def outbound(kind: int, manner: int, answered: int, name: str, dice: int, more: int) -> str | None:
    """What the bakery says in an act of this kind, in answer to one of kind ``answered`` (-1: to none)."""
    if kind == MESSAGE:
        return fill(_pick(_MORE["answers_to_messages"], dice), more, name)
    if kind not in (COMMENT, MENTION):
        return None
    if manner == OWN:
        return fill(_pick(_MORE["outreach"], dice), more)
    if answered in (SHARE, QUOTE, ENDORSE):
        return fill(_pick(_MORE["answers_to_shares"], dice), more, name)
    if manner == ASKS:
        return fill(_pick(_MORE["answers_to_questions"], dice), more, name)
    return fill(_pick(_MORE["answers"], dice), more, name)


def own_post(dice: int) -> str:
    """What a person posts on their own page."""
    return str(_pick(_MORE["own_posts"], dice))


def long_comment() -> str:
    """The comment of somebody with much to tell, of exactly ``LONG_COMMENT`` characters."""
    said = ["I meant to write one line, and now the coffee is cold and I have told you my life."]
    turn = 0
    while sum(map(len, said)) + len(said) < LONG_COMMENT:
        of = TOPICS[turn % len(TOPICS)]
        said.append(f"And then the {of['name']}.")
        said.append(
            _pick(of["comments"], turn // 3).replace("{day}", "Saturday").replace("{where}", "the harbour")
        )
        said.append(_pick(_MORE["mentions"], turn).replace("@kettlewick", "the bakery"))
        turn += 1
    return " ".join(said)[: LONG_COMMENT - 1] + "…"


WORDED: Final = frozenset({VOTE, COMMENT, MENTION, MESSAGE, QUOTE, ENDORSE})
"""Kinds whose acts have words."""
