"""The web application as Django sees it: templates, tags and static files; no tables of its own."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Found by ``INSTALLED_APPS = [..., "courtship.web"]``."""

    name = "courtship.web"
    label = "courtship_web"
    verbose_name = "Courtship"
