"""docs/SETTINGS.md is what the settings are."""

from __future__ import annotations

from tests.golden.settings_table import PAGE, draw_settings


def test_the_settings_page_is_up_to_date() -> None:
    """A new key without its line in the page fails here; `python -m tests.golden.settings_table` writes it."""
    assert PAGE.read_text(encoding="utf-8") == draw_settings()
