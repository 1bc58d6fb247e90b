"""What holds for a whole workspace just now: the brand's name, the ladder, the owner's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from courtship.lifecycle import policy as policies
from courtship.lifecycle.policy import Policy
from courtship.model import Address, Decision
from courtship.store.derived.tables import last_decided

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

_kept: dict[tuple[str, str], tuple[tuple[int, str], Standing]] = {}


@dataclass(frozen=True, slots=True)
class Standing:
    """``accounts`` are the brand's own; ``settings`` the newest value of each setting; ``views`` the saved
    filters as name -> query, by name; ``position`` that of the log."""

    position: int
    brand: str
    accounts: frozenset[Address]
    policy: Policy
    said: Mapping[str, Any] | None
    settings: Mapping[str, Any] = field(default_factory=dict)
    views: Mapping[str, str] = field(default_factory=dict)

    @property
    def ladder(self) -> tuple[str, ...]:
        """The stages' names, lowest first."""
        return tuple(stage.name for stage in self.policy.stages)

    @property
    def timezone(self) -> str:
        """The zone in which days are counted and shown."""
        return self.policy.timezone


def standing(workspace: Workspace) -> Standing:
    """As the log has it now; kept in memory until a decision or a fact comes: acts change none of it."""
    key = (str(workspace.home), workspace.name)
    position = workspace.position()
    stamp = (last_decided(workspace), workspace.facts_stamp())
    kept = _kept.get(key)
    if kept and kept[0] == stamp:
        return kept[1] if kept[1].position == position else replace(kept[1], position=position)
    made = _read(workspace, position, kept[1] if kept else None)
    _kept[key] = (stamp, made)
    return made


def forget_standing(workspace: Workspace) -> None:
    """Forgets what this process has read."""
    _kept.pop((str(workspace.home), workspace.name), None)


def _read(workspace: Workspace, position: int, before: Standing | None) -> Standing:
    accounts = workspace.brand()
    decided = workspace.decisions("brand.name", "policy.adopt", "setting.set", "view.save", "view.remove")
    brand, said = "", None
    settings: dict[str, Any] = {}
    views: dict[str, str] = {}
    for decision in decided:
        match decision.verb:
            case "brand.name":
                brand = str(decision.detail.get("name") or decision.subject)
            case "policy.adopt":
                said = decision.detail.get("policy")
            case "setting.set":
                settings[decision.subject] = decision.detail.get("value")
            case "view.save":
                views[_name(decision)] = str(decision.detail.get("query", ""))
            case _:
                views.pop(_name(decision), None)
    return Standing(
        position=position,
        brand=brand or (_from_profiles(workspace, accounts) if accounts else ""),
        accounts=accounts,
        policy=before.policy if before is not None and before.said == said else policies.load(said),
        said=said,
        settings=settings,
        views=dict(sorted(views.items())),
    )


def _name(decision: Decision) -> str:
    return str(decision.detail.get("name") or decision.subject)


def _from_profiles(workspace: Workspace, accounts: frozenset[Address]) -> str:
    """The name that the brand's own profiles show, the newest first."""
    named = [profile for profile in workspace.profiles(accounts) if profile.name]
    return named[-1].name if named else ""
