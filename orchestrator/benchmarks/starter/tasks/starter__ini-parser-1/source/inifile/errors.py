"""Errors of this package."""


class ParseError(ValueError):
    """A line that cannot be understood; ``line_number`` starts at 1."""

    def __init__(self, message, line_number):
        super().__init__(f"line {line_number}: {message}")
        self.line_number = line_number
