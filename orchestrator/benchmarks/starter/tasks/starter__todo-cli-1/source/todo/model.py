"""Tasks and the list that holds them."""

from dataclasses import asdict, dataclass


@dataclass
class Task:
    """One thing to do. ``number`` is what the user types."""

    number: int
    text: str
    done: bool = False


class TaskNotFound(LookupError):
    """There is no task with that number."""


class TaskList:
    """Tasks in the order they were added."""

    def __init__(self, tasks=()):
        self.tasks = list(tasks)

    def add(self, text):
        """Append a new task and return it."""
        task = Task(len(self.tasks) + 1, text)
        self.tasks.append(task)
        return task

    def find(self, number):
        """The task with that number; raises TaskNotFound."""
        for task in self.tasks:
            if task.number == number:
                return task
        raise TaskNotFound(f"no task {number}")

    def finish(self, number):
        """Mark a task as done and return it."""
        task = self.find(number)
        task.done = True
        return task

    def remove(self, number):
        """Delete a task and return it."""
        task = self.find(number)
        self.tasks.remove(task)
        return task

    def open_tasks(self):
        """Tasks that are not done yet."""
        return [task for task in self.tasks if not task.done]

    def to_json(self):
        """The list as plain data."""
        return {"tasks": [asdict(task) for task in self.tasks]}

    @classmethod
    def from_json(cls, data):
        """The list made from what ``to_json`` returned."""
        return cls(Task(**item) for item in data["tasks"])
