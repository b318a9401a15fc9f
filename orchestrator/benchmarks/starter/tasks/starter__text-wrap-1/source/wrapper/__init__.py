"""Wrap and align text for terminals."""

from wrapper.align import center_block, justify_line
from wrapper.wrap import indent, wrap

__all__ = ["center_block", "indent", "justify_line", "wrap"]
