"""The store as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Models of the log, of the derived tables and of the home folder."""

    name = "courtship.store"
    label = "store"
