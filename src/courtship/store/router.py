"""Which database a query goes to: the workspace in the context variable, or the home folder's.

Without a workspace in the context a query on a workspace's table fails, so that no page or command can
read or write another client's data by forgetting to say whose it means.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from courtship.errors import UnknownWorkspace

HOME_MODELS = frozenset({"workspacename", "homestate"})
"""Models of the app ``store`` that live in the home database; all others live in a workspace."""

current_workspace: ContextVar[str] = ContextVar("courtship_workspace")
current_home: ContextVar[str] = ContextVar("courtship_home")
_process_home: list[str] = []


def set_process_home(alias: str) -> None:
    """The home database of requests and commands of this process that name no other."""
    _process_home[:] = [alias]


def home_alias() -> str:
    """The alias of the home database in force. Raises UnknownWorkspace where none was opened."""
    try:
        return current_home.get()
    except LookupError:
        if _process_home:
            return _process_home[0]
    raise UnknownWorkspace("no home folder is open; open one with courtship.store.open_home")


@contextmanager
def using(alias: str) -> Iterator[None]:
    """Within it, models of a workspace mean the database ``alias``."""
    token = current_workspace.set(alias)
    try:
        yield
    finally:
        current_workspace.reset(token)


def lives_at_home(app_label: str, model_name: str | None) -> bool:
    """Whether a model's table is in the home database rather than in each workspace's."""
    return app_label != "store" or model_name in HOME_MODELS


class Router:
    """Django's ``DATABASE_ROUTERS`` entry."""

    def _alias(self, model: Any) -> str:
        meta = model._meta
        if lives_at_home(meta.app_label, meta.model_name):
            return home_alias()
        try:
            return current_workspace.get()
        except LookupError:
            raise UnknownWorkspace(
                f"no workspace was chosen for {meta.label}; wrap the query in workspace.chosen()"
            ) from None

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return self._alias(model)

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return self._alias(model)

    def allow_relation(self, left: Any, right: Any, **hints: Any) -> bool:
        return bool(left._state.db == right._state.db)

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        # Operations without a model (search indexes) say in their hints where they belong.
        at_home = hints.get("home", app_label != "store") if model_name is None else None
        if at_home is None:
            at_home = lives_at_home(app_label, model_name)
        return bool(at_home) is db.startswith("home:")
