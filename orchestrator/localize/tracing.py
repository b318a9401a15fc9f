"""The text of the tracer that runs inside a sandbox; apart from what reads its output, which needs numpy."""

from __future__ import annotations

from pathlib import Path


def tracer_source() -> str:
    """The tracer's source, to be placed in a sandbox and run there by the repository's own Python (3.6 or later)."""
    return Path(__file__).with_name("tracer.py").read_text(encoding="utf-8")
