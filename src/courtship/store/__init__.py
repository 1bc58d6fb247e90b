"""The only door to the database and to the columnar cache. Importing this loads no Django."""

from __future__ import annotations

from courtship.model import Origin
from courtship.store.opening import list_workspaces, open_home, open_workspace

__all__ = ["Origin", "list_workspaces", "open_home", "open_workspace"]
