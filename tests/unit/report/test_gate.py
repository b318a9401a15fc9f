"""Gates: labels, health, targets, prediction and the recorded decision."""

from __future__ import annotations

import pytest

from orchestrator.errors import SettingsError
from orchestrator.gate_rules import GateSettings
from orchestrator.report.gate import decide_gate, gate_lines, read_gate, record_override, says_no, write_gate
from orchestrator.resources import installed_resource
from orchestrator.settings import load_settings
from tests.unit.report.made import many, results, row


def rules(phase: int) -> GateSettings:
    """The shipped gate of a phase."""
    (path,) = installed_resource("phases").glob(f"{phase}-*.toml")
    return load_settings(path).gate


LABELS = [
    *((1, 5, k, label) for k, label in ((0, "stop"), (1, "caution"), (2, "good"), (3, "excellent"), (5, "excellent"))),
    *((2, 10, k, label) for k, label in ((0, "improve"), (1, "improve"), (2, "caution"), (3, "good"), (4, "good"))),
    *((2, 10, k, label) for k, label in ((5, "great"), (6, "great"), (7, "excellent"), (10, "excellent"))),
    *((3, 30, k, label) for k, label in ((8, "stop"), (9, "improve"), (14, "improve"), (15, "go"), (30, "go"))),
    *((4, 100, k, label) for k, label in ((49, "major fix"), (50, "proceed"), (69, "proceed"), (70, "proceed"))),
    *((4, 100, k, label) for k, label in ((79, "proceed"), (80, "likely 95%"), (100, "likely 95%"))),
    *((5, 300, k, label) for k, label in ((179, "fell short"), (180, "success"), (239, "success"), (240, "great"))),
    *((5, 300, k, label) for k, label in ((269, "great"), (270, "perfect"), (300, "perfect"))),
]


@pytest.mark.parametrize(("phase", "size", "verified", "label"), LABELS)
def test_labels_are_those_of_the_plan(phase, size, verified, label):
    """Each boundary of the original plan falls on the side that it names."""
    assert decide_gate(many(size, verified, phase), rules(phase))["label"]["label"] == label


def test_a_label_that_the_interval_does_not_settle_is_not_shown():
    """Two of five is good by the rate, and could be nearly anything."""
    label = decide_gate(many(5, 2), rules(1))["label"]
    assert label["verdict"] == "NOT SHOWN"
    assert {"caution", "good", "excellent"} <= set(label["possible"])
    assert decide_gate(many(300, 100, 5), rules(5))["label"]["verdict"] == "MET"


@pytest.mark.parametrize(("phase", "size", "verified"), [(3, 30, 8), (4, 100, 49)])
def test_stop_and_major_fix_say_no(phase, size, verified):
    """Phases 3 and 4 are decided by their label."""
    assert says_no(decide_gate(many(size, verified, phase), rules(phase)))
    assert not says_no(decide_gate(many(size, verified + 1, phase), rules(phase)))


def test_five_instances_are_decided_by_the_pipeline_not_by_the_rate():
    """Nothing resolved in phase 1 is advice; edits that do not apply say no."""
    assert not says_no(decide_gate(many(5, 0), rules(1)))
    lost = [row(f"r-{i}", False, stages={"applies": "fail"}) for i in range(5)]
    refused = decide_gate(results(lost), rules(1))
    assert says_no(refused)
    assert "edits_applied: observed 0 of 5, must be at least 0.6" in refused["reasons"]


def test_phase_5_has_labels_only():
    """Whatever comes out, the last phase refuses nobody."""
    assert not says_no(decide_gate(many(300, 0, 5), rules(5)))


@pytest.mark.parametrize(
    ("changes", "measure"), [({"state": "INFRA_FAILED"}, "infra_failed"), ({"state": "CRASHED"}, "crashed")]
)
def test_what_broke_is_a_matter_of_health(changes, measure):
    """Two of five lost to the environment, or one to a bug of ours, stop a small phase."""
    rows = [row(f"r-{i}", True) for i in range(3)] + [row(f"x-{i}", False, **changes) for i in range(2)]
    assert any(reason.startswith(measure) for reason in decide_gate(results(rows), rules(1))["reasons"])


def test_a_bound_of_none_is_settled_by_the_count():
    """No crash in this run meets "at most 0", which no interval of a rate ever could; one crash does not."""
    for state, verdict in (("RESOLVED", "MET"), ("CRASHED", "NOT MET")):
        rows = [row("r-1", True), row("r-2", False, state=state)]
        (rule,) = [h for h in decide_gate(results(rows), rules(1))["health"] if h["measure"] == "crashed"]
        assert rule["verdict"] == verdict


def test_regression_counts_only_where_it_was_judged():
    """An arm without that stage is not refused for it, and says that nothing was shown."""
    quiet = results(
        [row(f"r-{i}", True, stages={"applies": "pass", "parses": "pass", "regression": "abstain"}) for i in range(5)]
    )
    decision = decide_gate(quiet, rules(1))
    (rule,) = [h for h in decision["health"] if h["measure"] == "regression_clean"]
    assert (rule["ok"], rule["verdict"], rule["text"]) == (None, "NOT SHOWN", "0 of 0")
    assert not says_no(decision)


def test_an_unknown_cost_is_not_zero():
    """A price that nobody knows shows nothing."""
    rows = [row("r-1", True), row("r-2", True, cost_usd=None)]
    (rule,) = [h for h in decide_gate(results(rows), rules(1))["health"] if h["measure"].startswith("cost")]
    assert (rule["observed"], rule["ok"]) == (None, None)


def test_targets_are_counts_and_primary_is_apart():
    """270 in total, 40 of them escalated: good is met, stretch is not, and hard counts the primary model alone."""
    rows = [row(f"r-{i}", i < 270, rung=int(i < 40)) for i in range(300)]
    targets = {t["name"]: t for t in decide_gate(results(rows, 5), rules(5))["targets"]}
    assert {name: t["verdict"] for name, t in targets.items()} == {
        "hard": "NOT MET",
        "stretch": "NOT MET",
        "good": "MET",
        "minimum": "MET",
    }
    assert (targets["hard"]["observed"], targets["stretch"]["escalated"]) == (230, 40)


def test_targets_of_an_unfinished_phase_are_not_shown():
    """A hundred of three hundred can neither meet nor miss 240."""
    targets = decide_gate(many(100, 90, 5), rules(5))["targets"]
    assert {t["verdict"] for t in targets} == {"NOT SHOWN"}


def test_phase_4_predicts_phase_5():
    """The expected count stands with its 95% prediction interval, and in the words for the terminal."""
    decision = decide_gate(many(100, 60, 4), rules(4))
    assert decision["prediction"]["interval"]["low"] == 156
    assert any("180 of 300, 95% prediction interval 156 to 203" in line for line in gate_lines(decision))


def test_partial_runs_and_subsets_decide_nothing():
    """A gate needs the whole phase."""
    partial = results([row("r-1", True), row("r-2", False, state="STOPPED")])
    assert says_no(decide_gate(partial, rules(1)))
    assert says_no(decide_gate(many(5, 5, is_subset=True), rules(1)))


def test_thresholds_can_differ_by_ladder():
    """A ladder of its own replaces the labels for exactly that ladder."""
    gate = GateSettings.model_validate(
        {
            "labels": [{"label": "low", "at_least": 0}, {"label": "high", "at_least": 0.9}],
            "ladders": [{"models": ["mutation"], "labels": [{"label": "fine", "at_least": 0}]}],
        }
    )
    assert decide_gate(many(5, 1, ladder=["mutation"]), gate)["label"]["label"] == "fine"
    assert decide_gate(many(5, 1), gate)["label"]["label"] == "low"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[gate]\nrefuse = ['no such']", "no label"),
        ("[gate]\ndecides = 'luck'", "gate.decides"),
        ("[[gate.health]]\nmeasure = 'edits_applied'", "at_least or at_most"),
        ("[[gate.labels]]\nlabel = 'x'", "at_least or above"),
    ],
)
def test_a_wrong_gate_is_refused_by_file_and_key(tmp_path, text, says):
    """Rules are checked when a phase file is read."""
    path = tmp_path / "p.toml"
    head = 'phase = 1\nname = "x"\nsize = 1\nbenchmark = "b"\nladder = [{ model = "m" }]\n'
    path.write_text(head + text + "\n")
    with pytest.raises(SettingsError, match=says):
        load_settings(path)


def test_a_decision_is_recorded_with_who_went_on_and_why(tmp_path):
    """gate.json holds rule, observation, interval and verdict; an override outlives a new decision."""
    decision = decide_gate(many(30, 8, 3), rules(3))
    write_gate(tmp_path, decision)
    record_override(tmp_path, {"by": "ada", "why": "to see phase 4"}, "next-run")
    write_gate(tmp_path, decision)
    kept = read_gate(tmp_path)
    assert kept["override"] | {"at": ""} == {"by": "ada", "why": "to see phase 4", "at": "", "next_run": "next-run"}
    assert kept["rule"]["refuse"] == ["stop"]
    assert kept["observed"]["total"]["interval"]["method"] == "Clopper-Pearson"
    assert any("override by ada" in line for line in gate_lines(kept))
