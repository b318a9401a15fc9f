"""Official grading on a real engine, and swebench's own harness beside it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from orchestrator.evaluate.artifacts import write_evaluation
from orchestrator.evaluate.grade_file import grade_file, official_grader, own_grader
from orchestrator.evaluate.predictions import Prediction
from orchestrator.evaluate.preflight import preflight
from orchestrator.records import Evaluation
from tests.docker.conftest import EvaluatorFor, Toy, make_toy
from tests.docker.toy import GOLD, NOT_APPLYING, WRONG, new_file

pytestmark = pytest.mark.docker

FORGED = GOLD.replace("width * height", "width + height") + new_file(
    "conftest.py",
    "def pytest_runtest_makereport(item, call):\n    import _pytest.runner\n    call.excinfo = None\n"
    "    return _pytest.runner.TestReport.from_item_and_call(item, call)\n",
)


def grade(evaluator_for: EvaluatorFor, toy: Toy, patch: str, **settings: object) -> Evaluation:
    """The verdict on a patch."""
    sealed = toy.benchmark.sealed("ramp__toy-1")
    return evaluator_for(**settings).grade(toy.task, sealed, patch.encode(), model_name="a/b")


@pytest.mark.parametrize("lean", [False, True])
@pytest.mark.parametrize(("patch", "resolved"), [(GOLD, True), (WRONG, False)])
def test_the_verdict_and_its_report(
    evaluator_for: EvaluatorFor, toy: Toy, patch: str, *, lean: bool, resolved: bool
) -> None:
    """Gold resolves, a wrong patch does not, lean or verbatim; the report is the harness's own."""
    verdict = grade(evaluator_for, toy, patch, lean=lean)
    assert verdict.resolved is resolved
    report = verdict.report["ramp__toy-1"]
    assert report["patch_successfully_applied"]
    assert report["resolved"] is resolved
    assert bool(report["tests_status"]["FAIL_TO_PASS"]["success"]) is resolved
    assert verdict.suspicion == ""
    assert verdict.stamps["lean"] == str(lean).lower()
    assert verdict.stamps["has_network"] == "false"
    assert (b"+ git status" in verdict.test_output) is not lean


def test_the_files_are_in_the_harness_s_format(evaluator_for: EvaluatorFor, toy: Toy, tmp_path: Path) -> None:
    """The harness reads its verdict out of our files again."""
    from orchestrator.evaluate.upstream import make_test_spec, report_on

    verdict = grade(evaluator_for, toy, GOLD)
    write_evaluation(tmp_path, verdict, GOLD.encode())
    written = json.loads((tmp_path / "report.json").read_bytes())
    spec = make_test_spec(toy.benchmark.sealed("ramp__toy-1").row)
    prediction = {"instance_id": "ramp__toy-1", "model_patch": GOLD}
    assert report_on(spec, prediction, (tmp_path / "test_output.txt").read_text()) == written
    assert (tmp_path / "patch.diff").read_text() == GOLD


def test_a_patch_that_does_not_apply_is_unresolved(evaluator_for: EvaluatorFor, toy: Toy) -> None:
    """Every rung of the ladder is tried; there is no report, as in the harness, and what was tried is kept."""
    verdict = grade(evaluator_for, toy, NOT_APPLYING)
    assert (verdict.resolved, verdict.infra, verdict.report) == (False, "", {})
    assert verdict.stamps["outcome"] == "patch_failed"
    assert b"patch does not apply" in verdict.test_output


def test_the_ladder_goes_on_where_git_gives_up(evaluator_for: EvaluatorFor, toy: Toy) -> None:
    """A patch with a wrong context line is put in by `patch --fuzz`, as the harness does."""
    fuzzy = GOLD.replace(" def area(width, height):", " def area(width, high):")
    assert grade(evaluator_for, toy, fuzzy).resolved


def test_a_hang_is_unresolved_and_kept(evaluator_for: EvaluatorFor, toy: Toy) -> None:
    """The patch's own fault, so a verdict and no infra; the output until then ends with the harness's words."""
    endless = GOLD.replace("+    return width * height", "+    while True:\n+        pass").replace(
        "-1,2 +1,2", "-1,2 +1,3"
    )
    verdict = grade(evaluator_for, toy, endless, timeout_s=8.0)
    assert (verdict.resolved, verdict.infra) == (False, "")
    assert verdict.stamps["outcome"] == "timeout"
    assert verdict.test_output.endswith(b"Timeout error: 8 seconds exceeded.")


def test_a_forgery_is_named_and_the_upstream_verdict_stays(evaluator_for: EvaluatorFor, toy: Toy) -> None:
    """A conftest that turns failures into passes fools the log; the verdict is upstream's, the suspicion is ours."""
    verdict = grade(evaluator_for, toy, FORGED)
    assert verdict.resolved is True
    assert "conftest.py" in verdict.suspicion


def test_a_draw_is_flagged(evaluator_for: EvaluatorFor, toy: Toy) -> None:
    """A patch whose result hangs on the hash seed gets another verdict under another seed."""
    lucky = GOLD.replace("width * height", "width * height if hash('b') % 2 else 7")
    verdict = grade(evaluator_for, toy, lucky, repeat=6, lean=True)
    assert set(verdict.stamps["verdicts_by_seed"][1:]) == {"R", "U"}
    assert verdict.stamps["draw"] == "true"


def test_two_patches_of_one_instance_at_once(evaluator_for: EvaluatorFor, toy: Toy, tmp_path: Path) -> None:
    """Each gets its own verdict and its own folder, whatever its neighbour does."""
    patches = [GOLD, WRONG] * 2
    predictions = [Prediction("ramp__toy-1", f"model-{i}", patch.encode()) for i, patch in enumerate(patches)]
    grader = own_grader(evaluator_for(lean=True), toy.benchmark)
    graded = {one.prediction.model_name: one for one in grade_file(predictions, grader, tmp_path, workers=4)}
    assert [graded[f"model-{i}"].evaluation.resolved for i in range(4)] == [True, False, True, False]
    assert len({one.folder for one in graded.values()}) == 4
    assert all((one.folder / "report.json").is_file() for one in graded.values())


def test_two_runs_at_once_do_not_meet(evaluator_for: EvaluatorFor, toy: Toy) -> None:
    """Two engines grade the same patch of the same instance in the same moment."""
    with ThreadPoolExecutor(2) as pool:
        verdicts = [pool.submit(grade, evaluator_for, toy, GOLD, lean=True) for _ in range(2)]
        assert [verdict.result().resolved for verdict in verdicts] == [True, True]


def test_preflight_passes_the_toy_and_remembers_it(evaluator_for: EvaluatorFor, toy: Toy, tmp_path: Path) -> None:
    """Gold resolves, empty does not, no foreign commit; the second answer needs no container."""
    evaluator = evaluator_for()
    found = preflight(toy.benchmark, "ramp__toy-1", evaluator, tmp_path)
    assert found.sound, found.explain()
    assert (found.gold_resolved, found.empty_resolved, found.foreign_commits) == (True, False, 0)
    (stored,) = tmp_path.iterdir()
    stored.write_text(stored.read_text().replace('"suspicion": ""', '"suspicion": "from the cache"'))
    assert preflight(toy.benchmark, "ramp__toy-1", evaluator, tmp_path).suspicion == "from the cache"


def test_preflight_finds_a_commit_of_the_future(
    evaluator_for: EvaluatorFor, docker_is_here: None, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """An object that no reference leads to is found all the same: it could be read."""
    leaky = make_toy(tmp_path_factory.mktemp("leaky"), with_future=True)
    found = preflight(leaky.benchmark, "ramp__toy-1", evaluator_for(lean=True), tmp_path)
    assert found.foreign_commits == 1
    assert not found.sound
    assert "not in base_commit's past" in found.explain()


@pytest.mark.slow
def test_the_official_harness_says_the_same(evaluator_for: EvaluatorFor, toy: Toy, tmp_path: Path) -> None:
    """`--engine swebench` runs `run_instance` itself: same verdicts, same report for each patch."""
    predictions = [
        Prediction("ramp__toy-1", name, patch.encode())
        for name, patch in [("g", GOLD), ("w", WRONG), ("n", NOT_APPLYING)]
    ]
    official = grade_file(
        predictions, official_grader(toy.benchmark, tmp_path / "logs"), tmp_path / "official", workers=2
    )
    ours = grade_file(predictions, own_grader(evaluator_for(), toy.benchmark), tmp_path / "own")
    theirs = {one.prediction.model_name: one.evaluation for one in official}
    for one in ours:
        assert one.evaluation.report == theirs[one.prediction.model_name].report
        assert one.evaluation.resolved == theirs[one.prediction.model_name].resolved
