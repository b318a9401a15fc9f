"""After a class was defined in the snippet of a Django ticket: its table, if it is a model."""

# mypy: ignore-errors
# ruff: noqa: E402, F401, F403, F821, SLF001
from django.apps import apps
from django.db import connection

for each in apps.get_app_config("issue").get_models():
    if each._meta.managed and each._meta.db_table not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(each)
