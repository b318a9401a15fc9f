"""Keeping the list in a JSON file."""

import json
from pathlib import Path

from todo.model import TaskList


def load(path):
    """The list stored in ``path``; an empty one if there is no file yet."""
    path = Path(path)
    if not path.exists():
        return TaskList()
    return TaskList.from_json(json.loads(path.read_text(encoding="utf-8")))


def save(path, tasks):
    """Write the list to ``path``."""
    text = json.dumps(tasks.to_json(), indent=2, ensure_ascii=False)
    Path(path).write_text(text + "\n", encoding="utf-8")
