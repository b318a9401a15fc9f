"""Text templates with values, loops and conditions."""

from stencil.errors import TemplateError
from stencil.template import Template, render

__all__ = ["Template", "TemplateError", "render"]
