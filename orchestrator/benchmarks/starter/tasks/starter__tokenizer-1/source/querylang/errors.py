"""Errors with a place in the query."""


class QuerySyntaxError(ValueError):
    """A query that cannot be read; ``line`` and ``column`` count from 1."""

    def __init__(self, message, line, column):
        super().__init__(f"{message} (line {line}, column {column})")
        self.line = line
        self.column = column


def pointer(query, error):
    """The line of the query with a caret below the place of the error."""
    line = query.split("\n")[error.line - 1]
    return f"{line}\n{' ' * (error.column - 1)}^"
