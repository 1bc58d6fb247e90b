"""Django's settings. ``store.open_workspace`` is the only caller of ``django.setup()`` outside the server."""

from __future__ import annotations

from pathlib import Path

SECRET_KEY = "set-by-the-home-folder"  # noqa: S105 - replaced when a home is opened
INSTALLED_APPS: list[str] = []
USE_TZ = True
BASE_DIR = Path(__file__).resolve().parent
