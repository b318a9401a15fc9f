"""Plots: what a picture says of the numbers, read from its own letters."""

from __future__ import annotations

import re

from orchestrator.report import plots
from orchestrator.report.page import labels_of
from tests.unit.report.made import many, results, row


def letters(svg: str) -> list[str]:
    """The texts of an SVG."""
    return [text.strip() for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


def matrix(stage: str, **counts: int) -> dict:
    """A stage's confusion matrix as results hold it."""
    nothing = dict.fromkeys(("true_accepts", "false_accepts", "true_rejects", "false_rejects"), 0)
    return {"stage": stage, **nothing, **counts}


def test_every_picture_takes_the_pages_colour_and_names_itself():
    """Nothing is drawn in black on a dark page, and a reader that cannot see is told what it is."""
    found = results([row("a__b-1", True, cost_usd=0.1), row("a__b-2", False, cost_usd=0.3)])
    for draw in (plots.funnel, plots.latency, plots.cost):
        svg = draw(found)
        assert 'role="img" aria-label="' in svg
        assert "currentColor" in svg
        assert "#123456" not in svg
    assert "2026" not in plots.funnel(found)  # the same numbers make the same bytes on any day


def test_progression_joins_phases_and_not_arms():
    """Two phases of one arm are one line; two arms of one phase are points without a line."""

    def lines(*runs: dict) -> int:
        svg = plots.progression(runs)
        axis = svg[svg.index('id="axes_1"') :]
        return len(
            re.findall(
                r'<path d="M [\d.]+ [\d.]+ \nL [\d.]+ [\d.]+ \n" clip-path[^>]*stroke-width: 1.5; stroke-linecap: square',
                axis,
            )
        )

    phases = lines(many(5, 3), many(10, 6, phase=2))
    arms = lines(many(5, 3), many(5, 4, approach="full"))
    assert phases - arms == 3  # total, primary and fresh each


def test_names_under_a_plot_tell_runs_apart():
    """The arm stands there only where there are several."""
    assert plots.names_of([many(5, 3), many(10, 6, phase=2)]) == ["phase 1\nn = 5", "phase 2\nn = 10"]
    assert plots.names_of([many(5, 3), many(5, 4, approach="full")]) == [
        "phase 1\ncascade\nn = 5",
        "phase 1\nfull\nn = 5",
    ]


def test_labels_are_as_short_as_they_can_be():
    """A phase where that is enough, with its arm where that is, else with the run's own name."""
    assert labels_of([many(5, 1), many(5, 1, phase=2)]) == ["phase 1", "phase 2"]
    assert labels_of([many(5, 1), many(5, 1, approach="full")]) == ["phase 1, cascade", "phase 1, full"]
    assert labels_of([many(5, 1, run="x"), many(5, 1, run="y")]) == ["phase 1, x", "phase 1, y"]


def test_stage_calibration_is_drawn_only_where_every_candidate_was_graded():
    """Without --grade-all nobody knows what a refused candidate would have done, and nothing is drawn."""
    found = many(5, 3)
    assert plots.calibration(found) == ""
    stages = [
        matrix("parses", true_accepts=8, false_accepts=2, true_rejects=3),
        matrix("review", true_accepts=8, false_accepts=2),
    ]
    drawn = letters(plots.calibration({**found, "grade_all": {"calibration": stages}}))
    assert {"parses", "review", "let through", "refused"} <= set(drawn)
    silent = letters(plots.calibration({**found, "grade_all": {"calibration": stages[1:]}}))
    assert "refused" not in silent  # it refused nothing
