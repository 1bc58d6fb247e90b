"""Every connector by its name. Adding one is one import here."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Final

from courtship.connect import bluesky, feed, mailbox, mastodon, wordpress
from courtship.connect.base import Connector
from courtship.errors import NotAllowed

_MODULES: Final[tuple[ModuleType, ...]] = (bluesky, feed, mailbox, mastodon, wordpress)

CONNECTORS: Final[Mapping[str, Connector]] = {module.CONNECTOR.name: module.CONNECTOR for module in _MODULES}

_added: dict[str, Connector] = {}


def known() -> dict[str, Connector]:
    """Every connector, by title."""
    every = {**CONNECTORS, **_added}
    return dict(sorted(every.items(), key=lambda item: item[1].title.casefold()))


def named(name: str) -> Connector:
    """The connector of that name; raises NotAllowed, which lists all names."""
    found = _added.get(name) or CONNECTORS.get(name)
    if found is None:
        names = ", ".join(sorted(known()))
        raise NotAllowed(f"there is no connector {name!r}; known are: {names or 'none yet'}")
    return found


def add(connector: Connector) -> None:
    """Makes a connector known to this process: one that is written elsewhere, or a test's."""
    _added[connector.name] = connector


def forget(name: str) -> None:
    """Takes back what ``add`` made known."""
    _added.pop(name, None)
