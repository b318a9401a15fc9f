"""Grading a whole file: every prediction gets its verdict and its files, whatever happens to its neighbours."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from orchestrator.errors import MissingPiece, SandboxError
from orchestrator.evaluate.artifacts import write_file
from orchestrator.evaluate.grade_file import grade_file, grade_with_retry, own_grader, write_summary
from orchestrator.evaluate.predictions import Prediction
from orchestrator.evaluate.preflight import preflight
from orchestrator.evaluate.upstream import _environment_unchanged
from orchestrator.protocols import SandboxCommand, SandboxOutcome, SandboxResult
from orchestrator.records import Evaluation
from tests.unit.evaluate.fakes import ID, RESOLVED, UNRESOLVED, evaluator, one_instance, prints

GOOD, BAD = b"diff good", b"diff bad"


def by_patch(command: SandboxCommand) -> SandboxResult:
    """Resolved for the good patch only; the preflight's question about commits is answered too."""
    if command.purpose == "preflight":
        return SandboxResult(SandboxOutcome.EXITED, 0, b"counted\n")
    good = command.files.get("/tmp/patch.diff", b"").startswith((GOOD, b"diff --git"))
    return prints(RESOLVED if good else UNRESOLVED)(command)


def test_two_patches_of_one_instance_never_share_a_verdict(tmp_path: Path) -> None:
    """Under the same model and instance the patch decides: other folder, other verdict."""
    benchmark = one_instance()
    judge, _ = evaluator(by_patch)
    predictions = [Prediction(ID, "x/y", GOOD), Prediction(ID, "x/y", BAD)]
    graded = list(grade_file(predictions, own_grader(judge, benchmark), tmp_path, workers=2))
    verdicts = {one.prediction.patch: one for one in graded}
    assert verdicts[GOOD].evaluation.resolved is True
    assert verdicts[BAD].evaluation.resolved is False
    assert verdicts[GOOD].folder != verdicts[BAD].folder
    stored = json.loads((verdicts[GOOD].folder / "report.json").read_bytes())
    assert stored[ID]["resolved"] is True
    assert verdicts[GOOD].folder.relative_to(tmp_path).parts[0] == "x__y"


@pytest.mark.parametrize("error", [SandboxError("engine gone"), MissingPiece("no image", "pull it")])
def test_what_breaks_one_does_not_stop_the_others(tmp_path: Path, error: Exception) -> None:
    """The broken one is infra with the reason, never dropped from the count."""

    def grader(prediction: Prediction) -> Evaluation:
        if prediction.patch == BAD:
            raise error
        return Evaluation("1" * 64, resolved=True, report={})

    graded = list(grade_file([Prediction(ID, "m", BAD), Prediction(ID, "m", GOOD)], grader, tmp_path))
    summary = write_summary(tmp_path / "summary.json", graded, {"engine": "own"})
    assert (summary["total"], summary["resolved"], summary["infra"]) == (2, 1, 1)
    assert json.loads((tmp_path / "summary.json").read_bytes())["stamps"] == {"engine": "own"}
    broken = next(one for one in graded if one.evaluation.resolved is None)
    assert str(error) in broken.evaluation.infra


def test_what_broke_is_graded_once_more_apart(tmp_path: Path) -> None:
    """After all others, and once only: an environment that stays broken stays a third outcome."""
    asked: list[bytes] = []

    def grader(prediction: Prediction) -> Evaluation:
        asked.append(prediction.patch)
        if prediction.patch == BAD and asked.count(BAD) == 1:
            raise SandboxError("engine gone")
        return Evaluation("1" * 64, resolved=None if prediction.patch == b"lost" else True, report={}, infra="lost")

    wanted = [Prediction(ID, "m", patch) for patch in (BAD, b"lost", GOOD)]
    graded = list(grade_with_retry(wanted, grader, tmp_path))
    assert [(one.prediction.patch, one.evaluation.resolved) for one in graded] == [
        (GOOD, True),
        (BAD, True),
        (b"lost", None),
    ]
    assert asked == [BAD, b"lost", GOOD, BAD, b"lost"]


def test_a_bug_of_ours_is_not_an_infra_failure(tmp_path: Path) -> None:
    """It is raised."""

    def grader(_prediction: Prediction) -> Evaluation:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(grade_file([Prediction(ID, "m", GOOD)], grader, tmp_path))


def test_preflight_is_sound_where_gold_resolves_and_empty_does_not(tmp_path: Path) -> None:
    """And the answer is kept by row, image and evaluator: another evaluator asks again."""
    judge, sandbox = evaluator(by_patch)
    assert preflight(one_instance(), ID, judge, tmp_path).sound
    asked = len(sandbox.commands)
    assert preflight(one_instance(), ID, judge, tmp_path).sound
    assert len(sandbox.commands) == asked
    other, other_sandbox = evaluator(by_patch, lean=True)
    preflight(one_instance(), ID, other, tmp_path)
    preflight(one_instance(hints_text="another row"), ID, judge, tmp_path)
    assert len(other_sandbox.commands) == asked
    assert len(sandbox.commands) == 2 * asked


def test_preflight_names_what_is_wrong(tmp_path: Path) -> None:
    """A gold that fails under hardening comes with the setting that gives it a network; tests that pass anyway are named."""
    failing, _ = evaluator(
        lambda command: by_patch(command) if command.purpose == "preflight" else prints(UNRESOLVED)(command)
    )
    assert "evaluate.network=bridge" in preflight(one_instance(), ID, failing, tmp_path / "a").explain()
    passing, _ = evaluator(
        lambda command: by_patch(command) if command.purpose == "preflight" else prints(RESOLVED)(command)
    )
    assert "without any patch" in preflight(one_instance(), ID, passing, tmp_path / "b").explain()


def test_preflight_does_not_remember_infra(tmp_path: Path) -> None:
    """What could not be found out today may be tomorrow; a damaged cache file is no answer either."""

    def hungry(command: SandboxCommand) -> SandboxResult:
        return SandboxResult(SandboxOutcome.OOM, None, b"", detail="told")

    broken, _ = evaluator(hungry)
    with_infra = preflight(one_instance(), ID, broken, tmp_path)
    assert not with_infra.sound
    assert "could not be checked" in with_infra.explain()
    assert not list(tmp_path.iterdir())
    judge, sandbox = evaluator(by_patch)
    preflight(one_instance(), ID, judge, tmp_path)
    (stored,) = tmp_path.iterdir()
    stored.write_text("{")
    assert preflight(one_instance(), ID, judge, tmp_path).sound
    assert len(sandbox.commands) == 6


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """Where writing fails, the old content stays and nothing temporary is left."""
    path = tmp_path / "deep/report.json"
    write_file(path, b"old")
    with pytest.raises(TypeError):
        write_file(path, "text")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert list(path.parent.iterdir()) == [path]


def test_importing_upstream_leaves_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A `.env` that swebench's import reads does not reach our process: what it adds, changes or removes is undone."""
    monkeypatch.setenv("KEPT", "1")
    monkeypatch.setenv("REMOVED", "1")
    with _environment_unchanged():
        os.environ["KEPT"] = "2"
        os.environ["FROM_DOT_ENV"] = "secret"
        del os.environ["REMOVED"]
    assert os.environ["KEPT"] == os.environ["REMOVED"] == "1"
    assert "FROM_DOT_ENV" not in os.environ
