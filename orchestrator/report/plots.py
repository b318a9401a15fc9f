"""The plots of a report as inline SVG, by matplotlib. Lines and letters take the page's own colour, in light and in dark."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PRIMARY, ESCALATED, NEUTRAL = "#3b82c4", "#d98a29", "#7d8590"  # told apart by colour-blind eyes, on white and on black
_INK = "#123456"  # stands for the page's colour until the SVG is done

Results = Mapping[str, Any]


def progression(runs: Sequence[Results]) -> str:
    """Success rate over phases with Wilson intervals: in total, by the primary model alone, and on fresh instances only."""
    figure, axes = _figure(5.2, 3.2)
    at = list(range(len(runs)))
    lines = (
        (
            "total",
            ESCALATED,
            [(r["summary"]["success_rate"], r["summary"]["intervals"]["total"]["display"]) for r in runs],
        ),
        ("primary alone", PRIMARY, [(_primary_rate(r), r["summary"]["intervals"]["primary"]["display"]) for r in runs]),
        (
            "fresh only",
            NEUTRAL,
            [(r["summary"]["fresh"]["success_rate"], r["summary"]["fresh"]["interval"]) for r in runs],
        ),
    )
    for shift, (name, colour, points) in zip((-0.08, 0.0, 0.08), lines, strict=True):
        known = [
            (x + shift, rate, span) for x, (rate, span) in zip(at, points, strict=True) if rate is not None and span
        ]
        if not known:
            continue
        errors = [[rate - span["low"] for _, rate, span in known], [span["high"] - rate for _, rate, span in known]]
        axes.errorbar(
            [x for x, _, _ in known],
            [rate for _, rate, _ in known],
            yerr=errors,
            marker="o",
            capsize=3,
            color=colour,
            label=name,
        )
    axes.set_xticks(at, [_name(r) for r in runs])
    axes.set_ylim(0, 1)
    axes.set_xlim(-0.6, len(runs) - 0.4)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_ylabel("resolved, 95% Wilson")
    return _svg(figure, axes, "Success rate over phases")


def bars(runs: Sequence[Results]) -> str:
    """How many each run resolved: by the primary model, escalated, and not."""
    figure, axes = _figure(5.2, 3.2)
    at = list(range(len(runs)))
    primary = [r["summary"]["verified_primary"] for r in runs]
    escalated = [r["summary"]["verified_escalated"] for r in runs]
    rest = [r["summary"]["total"] - r["summary"]["verified"] for r in runs]
    axes.bar(at, primary, 0.6, color=PRIMARY, label="primary")
    axes.bar(at, escalated, 0.6, bottom=primary, color=ESCALATED, label="escalated")
    below = [p + e for p, e in zip(primary, escalated, strict=True)]
    axes.bar(at, rest, 0.6, bottom=below, color=NEUTRAL, alpha=0.35, label="not resolved")
    for x, run in zip(at, runs, strict=True):
        summary = run["summary"]
        axes.annotate(f"{summary['verified']} of {summary['total']}", (x, summary["total"]), ha="center", va="bottom")
    axes.set_xticks(at, [_name(r) for r in runs])
    axes.set_xlim(-0.8, len(runs) - 0.2)
    axes.locator_params(axis="y", integer=True)
    axes.margins(y=0.12)
    axes.set_ylabel("instances")
    return _svg(figure, axes, "Resolved by whom")


def funnel(results: Results) -> str:
    """How many instances got a candidate through each stage."""
    counts = results["instance_funnel"]
    figure, axes = _figure(5.2, 3.4)
    names = list(counts)
    axes.barh(names, [counts[name] for name in names], color=PRIMARY)
    for place, name in enumerate(names):
        axes.annotate(str(counts[name]), (counts[name], place), xytext=(3, 0), textcoords="offset points", va="center")
    axes.invert_yaxis()
    axes.locator_params(axis="x", integer=True)
    axes.margins(x=0.1)
    axes.set_xlabel("instances with a candidate let through")
    return _svg(figure, axes, "Funnel", legend=False)


def latency(results: Results) -> str:
    """Seconds per instance, sorted: where the curve stands at one half is p50."""
    figure, axes = _figure(5.2, 3.0)
    for name, colour, verified in (("resolved", PRIMARY, True), ("not resolved", NEUTRAL, False)):
        values = [max(row["duration_seconds"], 1e-3) for row in results["results"] if row["verified"] is verified]
        if values:
            axes.ecdf(values, color=colour, label=f"{name} (n = {len(values)})")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("")
    axes.set_xlabel("seconds per instance")
    axes.set_ylabel("share done by then")
    return _svg(figure, axes, "Time per instance")


def cost(results: Results) -> str:
    """Dollars per instance against attempts; nothing where a price is unknown or all is free."""
    points = [(row["attempts"], row["cost_usd"], row["verified"]) for row in results["results"]]
    if any(price is None for _, price, _ in points) or not any(price for _, price, _ in points):
        return ""
    figure, axes = _figure(5.2, 3.0)
    for name, colour, verified in (("resolved", PRIMARY, True), ("not resolved", NEUTRAL, False)):
        chosen = [(attempts, price) for attempts, price, done in points if done is verified]
        axes.scatter([a for a, _ in chosen], [p for _, p in chosen], color=colour, alpha=0.6, s=18, label=name)
    axes.set_xlabel("attempts")
    axes.set_ylabel("US dollars")
    return _svg(figure, axes, "Cost per instance")


def _primary_rate(results: Results) -> float | None:
    summary = results["summary"]
    return summary["verified_primary"] / summary["total"] if summary["total"] else None


def _name(results: Results) -> str:
    return f"phase {results['phase']}\n{results['config']['approach']}\nn = {results['summary']['total']}"


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    # Without pyplot: it keeps state for the whole process and looks for a display.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    axes.grid(visible=True, alpha=0.25, color=_INK)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _svg(figure: Figure, axes: Axes, title: str, *, legend: bool = True) -> str:
    import matplotlib as mpl

    axes.patch.set_alpha(0)
    figure.patch.set_alpha(0)
    axes.tick_params(colors=_INK)
    for spine in axes.spines.values():
        spine.set_color(_INK)
    for text in (axes.xaxis.label, axes.yaxis.label, *axes.texts):
        text.set_color(_INK)
    if legend and axes.get_legend_handles_labels()[1]:
        axes.legend(frameon=False, labelcolor=_INK, loc="lower left", bbox_to_anchor=(-0.1, 1.0), ncols=3)
    out = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": title, "font.family": "sans-serif"}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    body = out.getvalue()
    body = re.sub(r"<metadata>.*?</metadata>", "", body[body.index("<svg") :], flags=re.DOTALL)
    body = body.replace(_INK, "currentColor")
    return body.replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)
