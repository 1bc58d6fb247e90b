"""A ladder as text, and its numbers as things to move: what a page of sliders edits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final, NamedTuple

NUMBERS: Final = ("count", "days", "kinds", "within_days")
"""The keys of a condition that are numbers."""


class Threshold(NamedTuple):
    """One number of a ladder. ``key`` names its place (``0.gain.all.1.count``), ``condition`` is the
    condition that it is in, as the policy has it."""

    key: str
    stage: str
    part: str
    rule: str
    number: str
    value: int
    condition: Mapping[str, Any]


def thresholds(said: Mapping[str, Any]) -> list[Threshold]:
    """Every number of a valid policy, in its order."""
    return [
        Threshold(
            f"{rank}.{part}.{rule}.{place}.{number}",
            stage["name"], part, rule, number, condition[number], condition,
        )
        for rank, stage in enumerate(said["stage"])
        for part in ("gain", "keep")
        if part in stage
        for rule in ("all", "any")
        for place, condition in enumerate(stage[part].get(rule, ()))
        for number in NUMBERS
        if number in condition
    ]  # fmt: skip


def moved(said: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The policy with other numbers, by the keys of `thresholds`; keys that it does not have are left out.
    The values are not looked at: whoever loads it does that."""
    changed: dict[str, Any] = deepcopy(dict(said))
    for one in thresholds(said):
        if one.key in values:
            rank, part, rule, place, number = one.key.split(".")
            changed["stage"][int(rank)][part][rule][int(place)][number] = values[one.key]
    return changed


def write(said: Mapping[str, Any]) -> str:
    """A policy as TOML, in the layout of the default ladder.

    >>> gain = {"any": [{"standing": "follow"}]}
    >>> print(write({"name": "n", "stage": [{"name": "a", "gain": gain}]}), end="")
    name = "n"
    <BLANKLINE>
    [[stage]]
    name = "a"
    [stage.gain]
    any = [
      { standing = "follow" },
    ]
    """
    lines = [f"{key} = {_value(said[key])}" for key in ("name", "timezone") if key in said]
    for stage in said["stage"]:
        lines += ["", "[[stage]]", f"name = {_value(stage['name'])}"]
        for part in ("gain", "keep"):
            if part in stage:
                lines.append(f"[stage.{part}]")
                for rule in ("all", "any"):
                    if rule in stage[part]:
                        lines += [f"{rule} = [", *map(_condition, stage[part][rule]), "]"]
    return "\n".join(lines) + "\n"


def _condition(said: Mapping[str, Any]) -> str:
    return f"  {{ {', '.join(f'{key} = {_value(value)}' for key, value in said.items())} }},"


def _value(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    return f"[{', '.join(map(_value, value))}]"
