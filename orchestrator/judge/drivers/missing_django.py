"""A model that a Django ticket names without showing it: `found`, made from `name` and the `statement` that asks for it."""

# mypy: ignore-errors
# ruff: noqa: E402, F401, F403, F821, SLF001
import ast

from django.db import connection, models

found = None
words = set()
for node in ast.walk(ast.parse(statement)):
    if isinstance(node, ast.keyword):
        words.add(node.arg or "")
    else:
        # Before Python 3.8 a text is an ast.Str with an `s`.
        value = node.value if hasattr(node, "value") else getattr(node, "s", None)
        words |= {value} if isinstance(value, str) else set()
if name + ".objects" in statement:
    fields = {word.lstrip("-").split("__")[0] for word in words}
    fields = {word for word in fields if word.isidentifier() and word not in ("pk", "id", "self")}
    space = {field: models.CharField(max_length=80, null=True) for field in fields}
    space["__module__"] = "issue.models"
    found = type(name, (models.Model,), space)
    with connection.schema_editor() as editor:
        editor.create_model(found)
