"""Django's settings. ``store.open_workspace`` is the only caller of ``django.setup()`` outside the server.

The databases are not named here: each home folder and each workspace is a database of its own, added when
it is opened (``store/databases.py``) and chosen by ``store.router.Router``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

BASE_DIR = Path(__file__).resolve().parent

# Replaced by the home folder's own key when a server starts; a command line run signs nothing.
SECRET_KEY = os.environ.get("COURTSHIP_SECRET_KEY") or os.urandom(32).hex()

INSTALLED_APPS: list[str] = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "courtship.store",
]
DATABASES: dict[str, dict[str, Any]] = {}
DATABASE_ROUTERS = ["courtship.store.router.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LOGGING_CONFIG = None
