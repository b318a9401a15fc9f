"""Render a small Markdown subset as HTML."""

from tinymark.blocks import render

__all__ = ["render"]
