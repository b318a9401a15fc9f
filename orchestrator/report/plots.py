"""The plots of a report as inline SVG, by matplotlib. Lines and letters take the page's own colour, in light and in dark."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from orchestrator.report.statistics import wilson

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PRIMARY, ESCALATED, NEUTRAL = "#3b82c4", "#d98a29", "#7d8590"  # told apart by colour-blind eyes, on white and on black
_INK = "#123456"  # stands for the page's colour until the SVG is done

Results = Mapping[str, Any]


def progression(runs: Sequence[Results]) -> str:
    """Success rate over phases with Wilson intervals: in total, by the primary model alone, and on fresh instances only.

    A line joins runs of one series only: between arms there is no way from one to the next.
    """
    figure, axes = _figure(5.2, 3.2, "y")
    for shift, (name, colour, point_of) in zip((-0.08, 0.0, 0.08), _MEASURES, strict=True):
        for number, places in enumerate(_series(runs)):
            points = [(x + shift, *point_of(runs[x])) for x in places]
            known = [(x, rate, span) for x, rate, span in points if rate is not None and span]
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
                label=name if number == 0 else None,
            )
    axes.set_xticks(list(range(len(runs))), names_of(runs))
    axes.set_ylim(-0.03, 1.04)
    axes.set_xlim(-0.6, len(runs) - 0.4)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_ylabel("resolved, 95% Wilson")
    return _svg(figure, axes, "Success rate over phases")


def _series(runs: Sequence[Results]) -> list[list[int]]:
    """Places of the runs, one list for each benchmark, arm and ladder."""
    found: dict[tuple[Any, ...], list[int]] = {}
    for place, run in enumerate(runs):
        config = run["config"]
        found.setdefault((config["benchmark"], config["approach"], tuple(config["ladder"])), []).append(place)
    return list(found.values())


def _total(results: Results) -> tuple[float | None, Any]:
    return results["summary"]["success_rate"], results["summary"]["intervals"]["total"]["display"]


def _primary(results: Results) -> tuple[float | None, Any]:
    summary = results["summary"]
    rate = summary["verified_primary"] / summary["total"] if summary["total"] else None
    return rate, summary["intervals"]["primary"]["display"]


def _fresh(results: Results) -> tuple[float | None, Any]:
    return results["summary"]["fresh"]["success_rate"], results["summary"]["fresh"]["interval"]


_MEASURES = (("total", ESCALATED, _total), ("primary alone", PRIMARY, _primary), ("fresh only", NEUTRAL, _fresh))


def bars(runs: Sequence[Results]) -> str:
    """How many each run resolved: by the primary model, escalated, and not."""
    figure, axes = _figure(5.2, 3.2, "y")
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
    axes.set_xticks(at, names_of(runs))
    axes.set_xlim(-0.8, len(runs) - 0.2)
    axes.locator_params(axis="y", integer=True)
    # Room for the counts above full bars; bars make margins stick to them.
    axes.set_ylim(0, 1.12 * max(run["summary"]["total"] for run in runs))
    axes.set_ylabel("instances")
    return _svg(figure, axes, "Resolved by whom")


def funnel(results: Results) -> str:
    """How many instances got a candidate through each stage."""
    counts = results["instance_funnel"]
    figure, axes = _figure(5.2, 3.4, "x")
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
    from matplotlib.ticker import LogLocator

    figure, axes = _figure(5.2, 3.0)
    for name, colour, verified in (("resolved", PRIMARY, True), ("not resolved", NEUTRAL, False)):
        values = [max(row["duration_seconds"], 1e-3) for row in results["results"] if row["verified"] is verified]
        if values:
            axes.ecdf(values, color=colour, label=f"{name} (n = {len(values)})")
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5), numticks=12))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_xlabel("seconds per instance")
    axes.set_ylabel("share done by then")
    return _svg(figure, axes, "Time per instance")


def calibration(results: Results) -> str:
    """Of the candidates that a stage let through, and of those that it refused, the share that resolves, with Wilson intervals.

    Needs every candidate graded (`--grade-all`); empty without, since nobody knows what a refused one would have done.
    """
    if not (graded := results.get("grade_all")):
        return ""
    matrices = graded["calibration"]
    figure, axes = _figure(5.2, 3.6, "x")
    for shift, name, colour, counts in (
        (-0.12, "let through", PRIMARY, [(m["true_accepts"], m["false_accepts"]) for m in matrices]),
        (0.12, "refused", ESCALATED, [(m["false_rejects"], m["true_rejects"]) for m in matrices]),
    ):
        spans = [(place, k / (k + rest), wilson(k, k + rest)) for place, (k, rest) in enumerate(counts) if k + rest]
        known = [(place + shift, rate, span) for place, rate, span in spans if span]
        errors = [[rate - span.low for _, rate, span in known], [span.high - rate for _, rate, span in known]]
        if known:
            xs, ys = [rate for _, rate, _ in known], [place for place, _, _ in known]
            axes.errorbar(xs, ys, xerr=errors, fmt="o", capsize=3, color=colour, label=name)
    axes.set_yticks(range(len(matrices)), [m["stage"] for m in matrices])
    axes.invert_yaxis()
    axes.set_xlim(-0.03, 1.03)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_xlabel("of these, resolved by the official tests (95% Wilson)")
    return _svg(figure, axes, "Stage calibration")


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


def names_of(runs: Sequence[Results]) -> list[str]:
    """What stands under a run in a plot: phase and size, and the arm where there are several."""
    several = len({run["config"]["approach"] for run in runs}) > 1 or len(runs) == 1
    return [
        "\n".join(
            (
                f"phase {run['phase']}",
                *([run["config"]["approach"]] if several else []),
                f"n = {run['summary']['total']}",
            )
        )
        for run in runs
    ]


def _figure(width: float, height: float, grid: Literal["x", "y", "both"] = "both") -> tuple[Figure, Axes]:
    # Without pyplot: it keeps state for the whole process and looks for a display.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    axes.grid(visible=True, axis=grid, alpha=0.25, color=_INK)
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
