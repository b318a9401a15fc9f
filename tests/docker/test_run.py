"""`ramp run` on Docker from a row to the official verdict: sealed stays sealed, the oracle is stamped, a second run knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orchestrator.ledger import LEDGER, Ledger
from orchestrator.records import Baseline, Evaluation, Finding
from tests.docker.conftest import EngineFor, Toy
from tests.docker.field import Field, make_field, until
from tests.docker.proxy import EngineProxy
from tests.docker.toy import GOLD, TEST_PATCH
from tests.laws.test_law_sealed_stays_sealed import everything_outside_evaluation

pytestmark = pytest.mark.docker

CANARIES = ("canarygold", "canarytest", "canaryhint", "canaryevalscript")


@pytest.fixture
def field(toy: Toy, engine_for: EngineFor, tmp_path: Path) -> Field:
    """The toy with canaries in everything that is sealed."""
    engine = engine_for()
    row = dict(toy.benchmark.sealed("ramp__toy-1").row)
    sealed = {
        "patch": GOLD + "# canarygold\n",
        "test_patch": TEST_PATCH.replace("test_oblong", "test_canarytest"),
        "FAIL_TO_PASS": ["tests/test_area.py::test_canarytest"],
        "hints_text": "canaryhint",
        "eval_script": row["eval_script"].replace("test_oblong", "test_canarytest") + ": canaryevalscript\n",
    }
    return make_field(tmp_path, engine.settings.run_id, engine.api, row | sealed)


def records_of(field: Field, run_id: str, kind: type) -> list[Any]:
    """The records of a kind that a run committed."""
    ledger = Ledger(field.folder / "runs" / run_id / LEDGER, read_only=True)
    found = [r for t in ledger.transitions("ramp__toy-1") for r in t.records if isinstance(r, kind)]
    ledger.close()
    return found


def test_a_run_ends_in_the_official_verdict_and_what_is_sealed_stays_sealed(field: Field) -> None:
    """No canary in any prompt, request, finding, recorded run, log or cache; a second run takes the baseline as known."""
    assert field.run()["summary"]["verified"] == 1
    folder = field.folder / "runs" / field.run_id
    cached = [
        path.read_bytes().decode("utf-8", "replace") for path in (field.folder / "cache").rglob("*") if path.is_file()
    ]
    assert cached
    texts = [*everything_outside_evaluation(folder), *cached]
    assert not {canary for canary in CANARIES for text in texts if canary in text}
    assert any("canarytest" in path.read_text() for path in (folder / "ramp__toy-1" / "evaluation").iterdir())
    (first,) = records_of(field, field.run_id, Baseline)
    assert (first.test_files, first.known) == (("tests/test_area.py",), ())
    again = f"{field.run_id}-again"
    field.run("--redo-existing", run_id=again)
    (second,) = records_of(field, again, Baseline)
    assert second.known == ("tests/test_area.py",)
    assert second.statuses == first.statuses


def test_the_oracle_judges_by_the_graded_tests_and_is_stamped(field: Field) -> None:
    """The judge runs the disclosed tests; results, verdict and export say where they came from; a submission is refused."""
    results = field.run("--feedback", "oracle")
    assert results["summary"]["verified"] == 1
    assert "oracle" in json.dumps(results["config"])
    (finding,) = [f for f in records_of(field, field.run_id, Finding) if f.stage == "regression"]
    assert "as disclosed" in finding.reason
    assert finding.behaviour == {
        f"tests/test_area.py::test_{name}": "passed" for name in ("unit", "type", "canarytest")
    }
    (verdict,) = records_of(field, field.run_id, Evaluation)
    assert verdict.stamps["disclosure"] == "oracle"
    predictions = (field.folder / "runs" / field.run_id / "preds.jsonl").read_text()
    assert json.loads(predictions)["model_name_or_path"].endswith("-oracle")
    refused = field.call("export", field.run_id, "--submission", str(field.folder / "submission"))
    assert refused.returncode == 1
    assert b"oracle" in refused.stderr


def test_an_engine_that_dies_in_the_middle_loses_nothing(field: Field) -> None:
    """The instance is broken by its environment, not unresolved; once the engine is back a retry ends in the verdict."""
    socket = field.folder / "engine.sock"
    with EngineProxy(socket) as proxy:
        process = field.start("-c", f"sandbox.docker_host={proxy.address}")
        with process:
            until(lambda: field.containers(purpose="baseline-1"))
            proxy.go_away()
    broken = field.results(field.run_id)
    assert [row["state"] for row in broken["results"]] == ["INFRA_FAILED"]
    assert "engine" in broken["results"][0]["error"]
    socket.unlink()
    with EngineProxy(socket):
        done = field.call("resume", field.run_id, "--retry-errors", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["summary"]["verified"] == 1
    assert not field.containers()
