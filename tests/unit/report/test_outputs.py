"""CSV, the choice between export and ledger, the live display."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from orchestrator.cli.display import LiveDisplay
from orchestrator.cli.tables import instance_table, summary_lines
from orchestrator.journey import Journey, Transition
from orchestrator.launch.session import start_run
from orchestrator.records import FinishReason, Reply, Usage
from orchestrator.report.load import load_results
from orchestrator.report.table import write_csv
from orchestrator.settings import Settings
from tests.flow.lab import Lab
from tests.unit.report.made import results, row


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A run."""
    made = Lab(tmp_path_factory.mktemp("outputs"))
    made.start()
    return made


def test_csv_has_a_line_per_instance_and_runs_no_formula(tmp_path):
    """Cells that a spreadsheet would compute are quoted; stages have columns."""
    write_csv(tmp_path / "r.csv", [results([row("a__b-1", True), row("a__b-2", False, error="=HYPERLINK(1)")])])
    with (tmp_path / "r.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert [line["verified"] for line in lines] == ["True", "False"]
    assert lines[1]["error"] == "'=HYPERLINK(1)"
    assert lines[0]["stage_regression"] == "pass"


def test_an_export_older_than_its_ledger_is_passed_over(lab):
    """What somebody wrote into an outdated export is not believed."""
    export = lab.run_folder / "phase_1_results.json"
    told = json.loads(export.read_text())
    told["summary"]["verified"] = 99
    told["ledger_steps"] -= 1
    export.write_text(json.dumps(told))
    assert load_results(lab.run_folder)["summary"]["verified"] == 2


def test_results_hold_what_the_journeys_were(lab):
    """Funnel, heat map, calibration and categories are the lab's story: two resolved, one wrong, one without an idea."""
    found = load_results(lab.run_folder)
    assert found["instance_funnel"] | {} == {**found["instance_funnel"], "instances": 4, "accepted": 3, "resolved": 2}
    assert found["attempt_ends"]["1"] == {"accepted": 1, "no edits": 2, "lints": 1}
    assert found["calibration"]["judge as a whole"] == {"pass": {"graded": 3, "resolved": 2}}
    assert found["categories"] == {"wrong repair": 1, "format": 1}
    assert found["summary"]["finals"] == {"RESOLVED": 2, "UNRESOLVED": 1, "GAVE_UP": 1}


def test_tuned_and_fresh_instances_have_their_own_rates(tmp_path):
    """What earlier phases had is not fresh, what prompts were tried on is flagged, and each part has its own denominator."""
    lab = Lab(tmp_path)
    names = tuple(lab.scripts)
    meta = {"earlier_ids": names[:3], "tuned_on": names[:1], "tiers": {"prompt set": "default"}}
    start_run(replace(lab.plan(), more_meta=meta), lab.make_tools)
    found = lab.results()
    summary = found["summary"]
    assert [row["tuned_on"] for row in found["results"]] == [True, False, False, False]
    assert (summary["fresh"]["verified"], summary["fresh"]["total"]) == (0, 1)
    assert (summary["tuned_instances"], summary["untuned"]["verified"], summary["untuned"]["total"]) == (1, 1, 3)
    assert found["config"]["tiers"] == {"prompt set": "default"}
    text = "\n".join(summary_lines(found))
    assert "fresh only (new in this phase): resolved 0 of 1" in text
    assert "the prompts were tried on 1 of these instances; without them resolved 1 of 3" in text


def test_the_end_of_a_run_fits_eighty_columns_and_breaks_no_id(capsys):
    """Ids as long as the longest of Lite stay on one line, and a column that would be empty is not there."""
    name = "scikit-learn__scikit-learn-13142"
    rows = [
        row(name, True),
        row("a__b-2", False, rung=1, error="the sandbox\x1b[31m did not start", state="INFRA_FAILED"),
    ]
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(instance_table(rows))
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= 80
    assert f"{name}  RESOLVED" in text
    assert "sandbox" in text
    assert "\x1b" not in text
    console.print(instance_table(rows[:1]))
    assert "note" not in console.export_text()


def test_the_display_shows_rate_money_interval_and_time_left():
    """Two instances, one resolved, one at work; 120 tokens in the last minute; money against its limit."""
    now = [0.0]
    console = Console(width=160, record=True, file=io.StringIO())
    display = LiveDisplay(console, monotonic=lambda: now[0])
    ladder = [{"model": "m"}]
    base = {"phase": 3, "name": "medium", "size": 30, "benchmark": "lite", "budget": {"usd_per_phase": 5.0}}
    display.expect(10, Settings.model_validate({**base, "ladder": ladder}), 5)
    now[0] = 30.0
    reply = Reply("x", FinishReason.STOP, "m", usage=Usage(output_tokens=120), cost_usd=0.5)
    display.moved(Journey("a-1", "GENERATING"), Transition(1, "GENERATING", "replied", "PARSING_EDITS", (reply,), 1))
    display.moved(Journey("b-1", "RESOLVED"), Transition(9, "EVALUATING", "resolved", "RESOLVED", (), 1))
    now[0] = 60.0
    console.print(display.picture())
    text = console.export_text()
    for part in (
        "phase 3 (medium)",
        "parsing_edits",
        "30 s",
        "resolved 1 of 1 (100%; 21% to 100%",
        "done 1 of 10, 5 more taken over",
        "about 9 min left",
    ):
        assert part in text
    assert "2 tokens/s   $0.5000 of $5.00" in text
