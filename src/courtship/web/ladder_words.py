"""A ladder in sentences: what wins each stage, what keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courtship.lifecycle.policy import Condition, Policy
from courtship.web import words

KIND_WORDS = {
    "follow": "follow",
    "view": "look",
    "like": "like",
    "vote": "vote",
    "comment": "comment",
    "mention": "mention",
    "message": "message",
    "share": "share",
    "quote": "quote",
    "endorse": "recommend",
}


MANY = 8
"""So many kinds are "any act" where words are short."""


def read_aloud(ladder: Policy) -> list[dict[str, Any]]:
    """The ladder in sentences: what wins each stage, what keeps it."""
    told = []
    for stage in ladder.stages:
        keep = stage.keep if stage.keep != stage.gain else None
        told.append(
            {
                "name": stage.name,
                "all": [condition_said(c) for c in stage.gain.all],
                "any": [condition_said(c) for c in stage.gain.any],
                "keep_all": [condition_said(c) for c in keep.all] if keep else [],
                "keep_any": [condition_said(c) for c in keep.any] if keep else [],
            }
        )
    return list(reversed(told))


def condition_said(condition: Condition) -> str:
    """A condition in words: "3 of theirs within 180 days: vote, comment, mention"."""
    said = condition.said
    if "standing" in said:
        return "you follow them" if said.get("direction") == "outbound" else "they follow you"
    days, of = said.get("within_days"), said.get("of", ())
    whose = "of yours" if said.get("direction") == "outbound" else "of theirs"
    names = words.listed([KIND_WORDS.get(kind, kind) for kind in of]).replace(" and ", " or ")
    if "days" in said:
        what = f"on {words.plural(said['days'], 'different day')}, an act {whose}"
    elif "kinds" in said:
        what = f"{words.plural(said['kinds'], 'different kind')} of act {whose}"
    else:
        what = f"{words.plural(said['count'], 'act')} {whose}"
    return f"{what} within {days} days ({names})"


def threshold_said(said: Mapping[str, Any]) -> str:
    """What a condition counts, without its numbers: "different days with a comment or share of theirs"."""
    if "standing" in said:
        return "you follow them" if said.get("direction") == "outbound" else "they follow you"
    whose = "of yours" if said.get("direction") == "outbound" else "of theirs"
    of = said.get("of", ())
    names = words.listed([KIND_WORDS.get(kind, kind) for kind in of]).replace(" and ", " or ")
    names = f"any act {whose}" if len(of) >= MANY else f"{names} {whose}"
    if "days" in said:
        return f"different days with {names}"
    if "kinds" in said:
        return f"different kinds of {names}"
    return names
