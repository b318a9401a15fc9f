"""Errors of this package."""


class TemplateError(ValueError):
    """The template is malformed or asks for something that does not exist."""
