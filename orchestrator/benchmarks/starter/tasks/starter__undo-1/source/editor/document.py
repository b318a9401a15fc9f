"""A text that is changed by commands."""

from contextlib import contextmanager

from editor.commands import Delete, Group, Insert
from editor.history import History


class Document:
    """Text with a history of its changes."""

    def __init__(self, content="", limit=100):
        self.content = content
        self.history = History(limit)
        self._collecting = None

    def insert(self, position, text):
        """Insert ``text`` before the character at ``position``."""
        if not 0 <= position <= len(self.content):
            raise IndexError(f"position {position} of {len(self.content)}")
        if text:
            self._execute(Insert(position, text))

    def append(self, text):
        """Insert ``text`` at the end."""
        self.insert(len(self.content), text)

    def delete(self, start, end):
        """Remove the characters from ``start`` up to ``end``."""
        if not 0 <= start <= end <= len(self.content):
            raise IndexError(f"range {start}:{end} of {len(self.content)}")
        if start < end:
            self._execute(Delete(start, self.content[start:end]))

    def replace_all(self, old, new):
        """Replace every occurrence of ``old``, as a single step; returns how many."""
        count = 0
        with self.group():
            position = self.content.find(old)
            while position >= 0:
                self.delete(position, position + len(old))
                self.insert(position, new)
                count += 1
                position = self.content.find(old, position + len(new))
        return count

    @contextmanager
    def group(self):
        """Changes made inside are undone together."""
        if self._collecting is not None:
            yield
            return
        self._collecting = []
        try:
            yield
        finally:
            commands, self._collecting = self._collecting, None
            if commands:
                self.history.record(Group(tuple(commands)))

    def undo(self):
        """Take the last step back; returns whether there was one."""
        if not self.history.can_undo:
            return False
        self.content = self.history.undo().inverse().apply(self.content)
        return True

    def redo(self):
        """Repeat the step that was undone last; returns whether there was one."""
        if not self.history.can_redo:
            return False
        self.content = self.history.redo().apply(self.content)
        return True

    def _execute(self, command):
        self.content = command.apply(self.content)
        if self._collecting is None:
            self.history.record(command)
        else:
            self._collecting.append(command)
