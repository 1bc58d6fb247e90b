"""The ladder: which stages there are, what wins each and what keeps it.

A policy is written in TOML (``like-know-trust.toml`` beside this module is the default) or given as a
mapping of the same shape; ``docs/lifecycle.md`` says what every key means. Whatever breaks a rule is an
``InvalidPolicy`` that names the file, the line and what to write instead.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from courtship.errors import InvalidPolicy
from courtship.lifecycle import toml_lines
from courtship.model import DAY, FOREVER, Micros
from courtship.vocabulary import COUNTED, KINDS, Direction

AWARE: Final = "aware"
"""The stage of somebody who has met the brand and holds no rung of the ladder."""

PARTED: Final = "parted"
"""The stage reported while a block stands."""

LONGEST_DAYS: Final = 1_000_000
"""The longest window, so that every sum of a time and a window fits in 64 bits."""

_REMEDIES: Final = {
    "Illegal character '\\n'": "a text is not closed: end it with the same quote that it begins with",
    "('stage',) twice": "stages are a list: write [[stage]] with two brackets",
    "twice": "this part is there twice: take one of the two out",
    "overwrite": "this is said twice: take one of the two out",
    "Expected ']": "close it with as many brackets as it opens with",
    "Invalid value": 'text stands between plain quotes, "like this", numbers and true without',
    "Unclosed inline table": "a condition has a comma between its parts and ends with }, on one line",
    "Unclosed array": "a list has no ] at its end, or no comma between two of its things",
}
"""What to do about what ``tomllib`` says."""
_REMEDY: Final = "compare the line with those of courtship policy show"

Measure = Literal["count", "days", "kinds", "standing"]


class Gauge(NamedTuple):
    """What a condition looks at; conditions that differ only in ``need`` share one.

    Its value at *t* is the number of activities (``count``), of calendar days with precise ones
    (``days``), of kinds (``kinds``) in the window, or of follows that stand (``standing``; ``window`` is
    ``FOREVER``).
    """

    measure: Measure
    direction: Direction
    of: frozenset[str]
    window: Micros

    def __repr__(self) -> str:
        # The order of a set differs from process to process; a text of the policy must not.
        return f"Gauge({self.measure!r}, {self.direction!r}, {sorted(self.of)!r}, {self.window!r})"


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds while its gauge shows at least ``need``. ``said`` is the condition as the policy has it."""

    gauge: Gauge
    need: int
    said: Mapping[str, Any] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """Every condition of ``all`` must hold, and one of ``any`` if there are some."""

    all: tuple[Condition, ...]
    any: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """A rung of the ladder. ``keep`` is the ``gain`` where the policy gives none."""

    name: str
    gain: Rule
    keep: Rule


@dataclass(frozen=True)
class Policy:
    """A ladder of stages, lowest first, and the zone whose calendar days count."""

    name: str
    timezone: str
    stages: tuple[Stage, ...]

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone whose calendar days count."""
        return ZoneInfo(self.timezone)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the stages by rank: ``aware``, then the ladder's own, then ``parted``."""
        return (AWARE, *(stage.name for stage in self.stages), PARTED)

    @cached_property
    def gauges(self) -> tuple[Gauge, ...]:
        """Every gauge that some condition looks at, once."""
        conditions = (
            condition
            for stage in self.stages
            for rule in (stage.gain, stage.keep)
            for condition in (*rule.all, *rule.any)
        )
        return tuple(dict.fromkeys(condition.gauge for condition in conditions))

    @cached_property
    def place(self) -> dict[Gauge, int]:
        """The position of each gauge in ``gauges``."""
        return {gauge: position for position, gauge in enumerate(self.gauges)}


def load(policy: str | Path | Mapping[str, Any] | Policy | None = None) -> Policy:
    """The policy in a TOML file or a mapping of the same shape; without one, the default.

    Raises ``InvalidPolicy`` for a file that cannot be read and for whatever breaks a rule.
    """
    if isinstance(policy, Policy):
        return policy
    if isinstance(policy, Mapping):
        return _Reading("The policy", {}).policy(policy, "policy")
    if policy is None:
        text = resources.files("courtship.lifecycle").joinpath("like-know-trust.toml").read_text("utf-8")
        return parse(text, "like-know-trust.toml")
    path = Path(policy)
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidPolicy(f"{path} is not UTF-8 text; save it as UTF-8 and try again.") from error
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise InvalidPolicy(f"{path}: {reason}; give the path of a TOML file with the policy.") from error
    return parse(text, str(path))


def parse(text: str, path: str) -> Policy:
    """The policy in ``text``; ``path`` is what errors call the file. Raises ``InvalidPolicy``."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason, line = str(error), text.count("\n") + 1
        if position := re.search(r" \(at line (\d+), column \d+\)$", reason):
            reason, line = reason[: position.start()], int(position[1])
        reason = reason.removesuffix(" (at end of document)")
        remedy = next((said for words, said in _REMEDIES.items() if words in reason), _REMEDY)
        raise InvalidPolicy(f"{path}, line {line}: this is not TOML ({reason}); {remedy}.") from error
    return _Reading(path, toml_lines.lines(text)).policy(said, Path(path).stem)


class _Reading:
    """One reading of one document: knows what to call a place in it."""

    def __init__(self, source: str, lines: Mapping[toml_lines.Path, int]) -> None:
        self.source = source
        self.lines = lines

    def wrong(self, at: toml_lines.Path, reason: str) -> InvalidPolicy:
        """An error at the deepest place on the way to ``at`` whose line is known."""
        if not self.lines:
            words = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in at)
            return InvalidPolicy(f"{self.source}{', at ' + words.lstrip('.') if words else ''}: {reason}")
        deep = at
        while deep and deep not in self.lines:
            deep = deep[:-1]
        return InvalidPolicy(f"{self.source}, line {self.lines.get(deep, 1)}: {reason}")

    def keys(self, table: object, at: toml_lines.Path, known: Sequence[str]) -> Mapping[str, Any]:
        if not isinstance(table, Mapping):
            raise self.wrong(at, f"expected a table with {_words(known)}, not {table!r}.")
        for key in table:
            if key not in known:
                raise self.wrong((*at, key), f"unknown key {str(key)!r}; use {_words(known)}.")
        return table

    def list(self, value: object, at: toml_lines.Path, what: str) -> Sequence[Any]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise self.wrong(at, f"expected a list of {what}, not {value!r}.")
        return value

    def policy(self, said: Mapping[str, Any], name: str) -> Policy:
        self.keys(said, (), ("name", "timezone", "stage"))
        name = said.get("name", name)
        if not isinstance(name, str) or not name.strip():
            raise self.wrong(("name",), 'the policy\'s name must be words, e.g. name = "my-ladder".')
        timezone = said.get("timezone", "UTC")
        try:
            ZoneInfo(timezone)
        except (OSError, ValueError, TypeError, KeyError) as error:
            hint = 'write one like "UTC" or "Europe/Berlin".'
            raise self.wrong(("timezone",), f"unknown timezone {timezone!r}; {hint}") from error
        stages: list[Stage] = []
        if isinstance(said.get("stage"), Mapping):
            raise self.wrong(("stage",), "stages are a list: write [[stage]] with two brackets.")
        for position, stage in enumerate(self.list(said.get("stage", ()), ("stage",), "stages")):
            stages.append(self.stage(stage, ("stage", position), {stage.name for stage in stages}))
        if not stages:
            raise self.wrong((), "the ladder has no stages; add at least one [[stage]].")
        return Policy(name, timezone, tuple(stages))

    def stage(self, said: object, at: toml_lines.Path, taken: set[str]) -> Stage:
        table = self.keys(said, at, ("name", "gain", "keep"))
        name = table.get("name")
        if not isinstance(name, str) or not name.strip():
            raise self.wrong((*at, "name"), 'this stage has no name; add e.g. name = "like".')
        if name in (AWARE, PARTED):
            raise self.wrong((*at, "name"), f"the name {name!r} is reserved; choose another.")
        if name in taken:
            raise self.wrong((*at, "name"), f"there is a stage {name!r} already; choose another name.")
        if "gain" not in table:
            raise self.wrong(at, f"the stage {name!r} has no gain; add [stage.gain] with what wins it.")
        gain = self.rule(table["gain"], (*at, "gain"), name)
        keep = self.rule(table["keep"], (*at, "keep"), name) if "keep" in table else gain
        return Stage(name, gain, keep)

    def rule(self, said: object, at: toml_lines.Path, stage: str) -> Rule:
        table = self.keys(said, at, ("all", "any"))
        lists = {
            rule: tuple(
                self.condition(condition, (*at, rule, position))
                for position, condition in enumerate(
                    self.list(table.get(rule, ()), (*at, rule), "conditions")
                )
            )
            for rule in ("all", "any")
        }
        if not lists["all"] and not lists["any"]:
            raise self.wrong(at, f"the {at[-1]} of {stage!r} has no conditions; add some under all or any.")
        return Rule(lists["all"], lists["any"])

    def condition(self, said: object, at: toml_lines.Path) -> Condition:
        measures: tuple[Measure, ...] = ("count", "days", "kinds", "standing")
        counted = ("count", "days", "kinds", "within_days", "direction", "of")
        table = self.keys(said, at, (*counted, "standing"))
        named = [measure for measure in measures if measure in table]
        if len(named) != 1:
            raise self.wrong(at, f"a condition has exactly one of {_words(measures)}; this has {len(named)}.")
        measure = named[0]
        direction = table.get("direction", "inbound" if measure == "standing" else None)
        if direction not in ("inbound", "outbound"):
            found = "none" if direction is None else repr(direction)
            hint = '"inbound" (by them) or "outbound" (by you)'
            raise self.wrong((*at, "direction"), f"the direction is {found}; write {hint}.")
        if measure == "standing":
            self.keys(said, at, ("standing", "direction"))
            if table["standing"] != "follow":
                reason = f'standing is {table["standing"]!r}; only standing = "follow" can stand.'
                raise self.wrong((*at, "standing"), reason)
            return Condition(Gauge("standing", direction, frozenset({"follow"}), FOREVER), 1, dict(table))
        need = self.whole(table[measure], (*at, measure), measure)
        days = self.whole(table.get("within_days"), (*at, "within_days"), "within_days")
        of = self.kinds(table.get("of"), (*at, "of"))
        return Condition(Gauge(measure, direction, of, days * DAY), need, dict(table))

    def whole(self, value: object, at: toml_lines.Path, key: str) -> int:
        if value is None:
            raise self.wrong(at, f"{key} is missing; add e.g. {key} = 180.")
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LONGEST_DAYS:
            raise self.wrong(at, f"{key} is {value!r}; write a whole number from 1 to {LONGEST_DAYS}.")
        return value

    def kinds(self, value: object, at: toml_lines.Path) -> frozenset[str]:
        known = _words([kind for kind in KINDS if kind in COUNTED])
        if value is None:
            raise self.wrong(at, f"of is missing; list the kinds that count: {known}.")
        names = self.list(value, at, "kinds")
        if not names:
            raise self.wrong(at, f"of is empty; list the kinds that count: {known}.")
        for position, kind in enumerate(names):
            if kind in ("follow", "block"):
                hint = (
                    'a follow counts by standing = "follow"'
                    if kind == "follow"
                    else "a block parts by itself"
                )
                raise self.wrong((*at, position), f"of cannot name {kind!r}: {hint}.")
            if not isinstance(kind, str) or kind not in COUNTED:
                raise self.wrong((*at, position), f"unknown kind {kind!r}; use {known}.")
        return frozenset(names)


def _words(names: Sequence[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
