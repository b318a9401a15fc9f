"""What a snippet of a Django ticket takes for granted: settings, a database in memory, an app of its own. Run line by line."""

# mypy: ignore-errors
# ruff: noqa: E402, F401, F403, F821, SLF001
import os
import sys

import django
from django.conf import settings

sys.path.append(os.path.abspath("tests"))
passing = (
    "basic",
    "many_to_one",
    "many_to_many",
    "lookup",
    "ordering",
    "select_related",
    "model_inheritance",
    "model_forms",
)

settings.configure(
    DEBUG=True,
    SECRET_KEY="issue",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="issue.models",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    STATIC_URL="/static/",
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.admin",
        "issue",
    ]
    + [name for name in passing if os.path.exists("tests/%s/models.py" % name)],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
)
django.setup()

from django import forms
from django.contrib import admin
from django.core.management import call_command
from django.db import connection, migrations, models, transaction
from django.db.models import *
from django.urls import include, path, re_path

urlpatterns = []
call_command("migrate", run_syncdb=True, verbosity=0)
