"""Changes of a text that know how to take themselves back."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Insert:
    """Put ``text`` at ``position``."""

    position: int
    text: str

    def apply(self, content):
        """The content with the change."""
        return content[: self.position] + self.text + content[self.position :]

    def inverse(self):
        """The command that takes this one back."""
        return Delete(self.position, self.text)


@dataclass(frozen=True)
class Delete:
    """Remove ``text``, which stands at ``position``."""

    position: int
    text: str

    def apply(self, content):
        """The content with the change."""
        end = self.position + len(self.text)
        assert content[self.position : end] == self.text
        return content[: self.position] + content[end:]

    def inverse(self):
        """The command that takes this one back."""
        return Insert(self.position, self.text)


@dataclass(frozen=True)
class Group:
    """Several commands that are undone together."""

    commands: tuple

    def apply(self, content):
        """The content with all changes, in order."""
        for command in self.commands:
            content = command.apply(content)
        return content

    def inverse(self):
        """The command that takes all of them back."""
        return Group(tuple(c.inverse() for c in reversed(self.commands)))
