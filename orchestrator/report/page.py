"""The report as one offline HTML file: no network, no interpretation of what others wrote, readable on paper, phone and desk.

What an instance saw and said is rendered here, escaped, and put into the page compressed; the page unpacks one instance when it
is opened. Texts too long for that are cut, with a link to the run's own file that has them whole.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from orchestrator.journey import replay_journey
from orchestrator.ledger import LEDGER, Ledger
from orchestrator.machine import Machine, load_machine
from orchestrator.report import plots
from orchestrator.report.beside_section import beside_section
from orchestrator.report.branches import Branch, branches_of
from orchestrator.report.compare import compare_results
from orchestrator.report.details import Clipper, details_of
from orchestrator.report.gate import decide_gate, read_gate
from orchestrator.report.load import load_results
from orchestrator.report.rows import ENDS, STAGES
from orchestrator.report.taxonomy import CLASSES
from orchestrator.resources import find_resource
from orchestrator.settings import Settings
from orchestrator.text import visible

if TYPE_CHECKING:
    from jinja2 import Environment, Template

TEXT_LIMIT = 16_000  # characters of one text in the page of a run of up to LARGE instances; less in larger ones
LARGE = 300
SMALLEST_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Shown:
    """One run as the page shows it. `key` names it in links, `label` to people."""

    key: str
    folder: Path
    results: dict[str, Any]
    gate: dict[str, Any]
    plots: dict[str, str]
    label: str = ""
    beside: dict[str, Any] | None = None
    branches: tuple[Branch, ...] = ()


def write_page(path: Path, folders: Sequence[Path]) -> None:
    """Write one page of one run or several (in the order of their phases). Memory holds one instance's texts at a time."""
    found = sorted(
        (_shown(number, folder, path) for number, folder in enumerate(folders)), key=lambda r: r.results["phase"]
    )
    runs = [replace(run, label=label) for run, label in zip(found, labels_of([r.results for r in found]), strict=True)]
    environment = _environment()
    style, script = (_asset(name) for name in ("report.css", "report.js"))
    together = [run.results for run in runs]
    pages = environment.get_template("report.html").generate(
        runs=runs,
        several=len(runs) > 1,
        stages=STAGES,
        ends=ENDS,
        classes=CLASSES,
        progression=plots.progression(together),
        bars=plots.bars(together),
        comparisons=_comparisons(runs),
        details=_details(runs, path, environment),
        style=style,
        script=script,
        script_sha256=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("w", encoding="utf-8", errors="replace") as file:
        file.writelines(pages)
    temporary.replace(path)


def _shown(number: int, folder: Path, page: Path) -> Shown:
    results = load_results(folder)
    decision = read_gate(folder)
    if decision is None:
        with contextlib.closing(Ledger(folder / LEDGER, read_only=True)) as ledger:
            decision = decide_gate(results, Settings.model_validate(ledger.meta()["settings"]).gate)
    drawn = {name: getattr(plots, name)(results) for name in ("funnel", "latency", "cost", "calibration")}
    beside, branches = beside_section(folder), branches_of(folder, page)
    return Shown(f"r{number}", folder, results, decision, drawn, beside=beside, branches=branches)


def labels_of(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """What to call each run: its phase, with its arm or its own name where that alone would not tell it from the others."""
    phases = [f"phase {run['phase']}" for run in runs]
    arms = [f"{phase}, {run['config']['approach']}" for phase, run in zip(phases, runs, strict=True)]
    names = [f"phase {run['phase']}, {run['config']['run']}" for run in runs]
    return next(labels for labels in (phases, arms, names) if len(set(labels)) == len(runs) or labels is names)


def _comparisons(runs: Sequence[Shown]) -> list[tuple[Shown, Shown, dict[str, Any]]]:
    """Each run with the next, where they share instances and did not merely take over all of them."""
    found = [(a, b, compare_results(a.results, b.results)) for a, b in pairwise(runs) if _share(a.results, b.results)]
    return [(a, b, both) for a, b, both in found if both["same_result"] < both["paired"]]


def _details(runs: Sequence[Shown], page: Path, environment: Environment) -> Iterator[tuple[str, str]]:
    """(key, compressed HTML) of every instance, one at a time."""
    template = environment.get_template("instance.html")
    machine = load_machine(find_resource("states", Path.cwd()) / "machine.toml")
    total = sum(run.results["summary"]["total"] for run in runs)
    limit = max(SMALLEST_LIMIT, min(TEXT_LIMIT, TEXT_LIMIT * LARGE // max(total, 1)))
    for run in runs:
        relative = quote(Path(os.path.relpath(run.folder, page.parent)).as_posix())
        with contextlib.closing(Ledger(run.folder / LEDGER, read_only=True)) as ledger:
            for place, instance_id in enumerate(ledger.instance_ids()):
                clip = Clipper(f"{relative}/{quote(instance_id)}", limit)
                yield f"{run.key}-{place}", _packed(template, ledger, machine, instance_id, clip)


def _packed(template: Template, ledger: Ledger, machine: Machine, instance_id: str, clip: Clipper) -> str:
    transitions = tuple(ledger.transitions(instance_id))
    journey = replay_journey(instance_id, machine.start, transitions)
    html = template.render(details_of(journey, transitions, clip))
    return base64.b64encode(gzip.compress(html.encode("utf-8", "replace"), 6, mtime=0)).decode()


def _environment() -> Environment:
    """Jinja2 that escapes everything, and shows control characters instead of sending them."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def shown(value: Any) -> Any:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=PackageLoader("orchestrator.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = lambda value: "unknown" if value is None else f"{value:.0%}"
    environment.filters["count"] = lambda value: f"{value:,}"
    environment.filters["points"] = lambda value: f"{100 * value:+.0f}"
    environment.filters["number"] = lambda value: "unknown" if value is None else f"{value:,.4g}"
    return environment


def _asset(name: str) -> str:
    return files("orchestrator.report").joinpath("templates", name).read_text(encoding="utf-8")


def _share(a: dict[str, Any], b: dict[str, Any]) -> bool:
    return bool({row["instance_id"] for row in a["results"]} & {row["instance_id"] for row in b["results"]})
