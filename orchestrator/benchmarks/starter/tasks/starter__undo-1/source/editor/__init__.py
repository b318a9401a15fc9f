"""The text model of an editor, with undo and redo."""

from editor.document import Document
from editor.history import History

__all__ = ["Document", "History"]
