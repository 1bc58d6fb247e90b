"""The ASGI application. ``COURTSHIP_HOME`` and ``COURTSHIP_WORKSPACE`` say what it serves."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courtship.settings")

from django.core.asgi import get_asgi_application

from courtship.web.hooks import Hooks

application = Hooks(get_asgi_application())
