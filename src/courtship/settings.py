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
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "courtship.store",
    "courtship.web",
]
DATABASES: dict[str, dict[str, Any]] = {}
DATABASE_ROUTERS = ["courtship.store.router.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LOGGING_CONFIG = None

# ---------------------------------------------------------------- the web application
# ``courtship.web.server.serve`` says what is served and to whom; the variables are for other ASGI servers.

COURTSHIP_HOME = os.environ.get("COURTSHIP_HOME", "")
COURTSHIP_WORKSPACE = os.environ.get("COURTSHIP_WORKSPACE", "default")
COURTSHIP_SIGN_IN = os.environ.get("COURTSHIP_SIGN_IN", "") == "1"
"""Whether pages ask for a login: wherever the server can be reached from other machines."""

ALLOWED_HOSTS = os.environ.get("COURTSHIP_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
ROOT_URLCONF = "courtship.web.urls"
ASGI_APPLICATION = "courtship.web.asgi.application"
MIDDLEWARE = [
    "courtship.web.middleware.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "courtship.web.middleware.SignInBeyondLoopback",
    "courtship.web.desk.OpensDesk",
    "courtship.web.onefile.AsOneFile",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "courtship.web.desk.page",
            ],
        },
    }
]
# Kept in a signed cookie: a toast lives for one page, and loopback needs no session.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "today"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "courtship.web.views.errors.csrf"
USE_I18N = False
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
