"""The whole command line: every verb, for whoever drives it from Python."""

from __future__ import annotations

from orchestrator.cli.verbs import VERBS, app_of

app = app_of(VERBS)
