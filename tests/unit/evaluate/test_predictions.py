"""Predictions files: what is taken, and what is said of bad ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orchestrator.errors import BenchmarkError, UserError
from orchestrator.evaluate.export import Submission, name_in_predictions, write_predictions, write_submission
from orchestrator.evaluate.predictions import Prediction, read_predictions
from orchestrator.records import Evaluation

KNOWN = ("a__b-1", "a__b-2")


def entry(**changes: Any) -> dict[str, Any]:
    """A good prediction with changes; `...` leaves a key out."""
    keys = {"instance_id": "a__b-1", "model_name_or_path": "m", "model_patch": "diff\r\n"} | changes
    return {key: value for key, value in keys.items() if value is not ...}


def stored(folder: Path, *entries: Any, name: str = "preds.jsonl") -> Path:
    """A predictions file."""
    path = folder / name
    path.write_bytes(b"".join(json.dumps(one).encode() + b"\n" for one in entries))
    return path


def test_the_three_forms_are_the_same(tmp_path: Path) -> None:
    """Lines, a list, and an object by id; bytes of patches survive."""
    lines = stored(tmp_path, entry(), entry(instance_id="a__b-2", model_patch=None))
    as_list = tmp_path / "list.json"
    as_list.write_text(json.dumps([entry(), entry(instance_id="a__b-2", model_patch=None)]))
    as_object = tmp_path / "object.json"
    as_object.write_text(json.dumps({"a__b-1": entry(instance_id=...), "a__b-2": entry(model_patch=None)}))
    expected = (Prediction("a__b-1", "m", b"diff\r\n"), Prediction("a__b-2", "m", b""))
    assert (
        read_predictions(lines, KNOWN)
        == read_predictions(as_list, KNOWN)
        == read_predictions(as_object, KNOWN)
        == expected
    )


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (entry(instance_id=...), "has no instance_id"),
        (entry(model_patch=..., model_name_or_path=...), "has no model_name_or_path, model_patch"),
        (entry(instance_id="a__b-9"), "'a__b-9' is not an instance of this benchmark"),
        (entry(model_patch=7), "model_patch should be text or null, not int"),
        (entry(model_name_or_path=""), "model_name_or_path should be a name"),
        (entry(), "a__b-1 by 'm' stands at line 1 already"),
        ([1], "is list, not an object"),
    ],
)
def test_a_bad_prediction_is_named_with_its_line(tmp_path: Path, bad: Any, words: str) -> None:
    """And nothing is graded."""
    with pytest.raises(BenchmarkError) as caught:
        read_predictions(stored(tmp_path, entry(), bad), KNOWN)
    assert f"line 2: {words}" in str(caught.value)
    assert "nothing was graded" in str(caught.value)


def test_two_models_may_share_a_file(tmp_path: Path) -> None:
    """Only the same model twice on one instance is a duplicate."""
    both = read_predictions(stored(tmp_path, entry(), entry(model_name_or_path="n")), KNOWN)
    assert [one.model_name for one in both] == ["m", "n"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("p.jsonl", b'{"instance_id": "a__b-1", "mod', "line 1: not JSON"),
        ("p.jsonl", b"", "no predictions"),
        ("p.json", b'"text"', "list of predictions"),
        ("p.json", b"\xff", "UTF-8"),
        ("p.txt", b"", ".jsonl"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    """A torn last line is an error: which instance it was cannot be known."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BenchmarkError, match=words):
        read_predictions(tmp_path / name, KNOWN)
    with pytest.raises(BenchmarkError, match="no predictions file"):
        read_predictions(tmp_path / "absent.jsonl", KNOWN)


@pytest.mark.parametrize("name", ["out.jsonl", "out.json"])
def test_what_we_write_swebench_and_we_read(tmp_path: Path, name: str) -> None:
    """Round trip through swebench's own reader, one model name for all, patches byte for byte."""
    patches = {"a__b-1": b"diff \xc3\xa9\r\n", "a__b-2": b""}
    assert write_predictions(tmp_path / name, "ramp", patches) == ()
    ours = read_predictions(tmp_path / name, KNOWN)
    assert {one.instance_id: one.patch for one in ours} == patches
    from orchestrator.evaluate.upstream import _module

    theirs = _module("swebench.harness.utils").get_predictions_from_file(str(tmp_path / name), "x", "test")
    assert {one["instance_id"]: one["model_patch"].encode() for one in theirs} == patches
    assert {one["model_name_or_path"] for one in theirs} == {"ramp"}


def test_a_patch_that_is_no_text_is_reported(tmp_path: Path) -> None:
    """The harness takes text only: the instance stays in the file with an empty patch, and its id is given back."""
    assert write_predictions(tmp_path / "o.jsonl", "m", {"a__b-1": b"\xff", "a__b-2": b"x"}) == ("a__b-1",)
    assert [one.patch for one in read_predictions(tmp_path / "o.jsonl", KNOWN)] == [b"", b"x"]
    with pytest.raises(UserError, match=r"\.jsonl"):
        write_predictions(tmp_path / "o.txt", "m", {})


def test_a_submission_has_the_leaderboard_s_tree(tmp_path: Path) -> None:
    """Metadata, README with the counts, predictions, logs and trajectories."""
    verdicts = {
        "a__b-1": Evaluation("1", resolved=True, report={"a__b-1": {"resolved": True}}, test_output=b"out"),
        "a__b-2": Evaluation("2", resolved=None, report={}, infra="oom"),
    }
    write_submission(tmp_path, Submission("ramp"), {"a__b-1": b"p"}, verdicts, {"a__b-1": "# story"})
    assert (tmp_path / "logs/a__b-1/test_output.txt").read_bytes() == b"out"
    assert json.loads((tmp_path / "logs/a__b-1/report.json").read_bytes())["a__b-1"]["resolved"]
    assert (tmp_path / "trajs/a__b-1.md").read_text() == "# story"
    readme = (tmp_path / "README.md").read_text()
    assert "1 of 2 instances resolved. 1 could not be graded" in readme
    assert "- [ ] Does not use SWE-bench test knowledge" in readme
    assert "ramp" in (tmp_path / "metadata.yaml").read_text()


def test_predictions_of_an_oracle_run_say_so_in_their_name() -> None:
    """A predictions file has nowhere else to say it."""
    assert name_in_predictions("cascade", "repo-tests") == "swe-ramp-cascade"
    assert name_in_predictions("cascade", "oracle") == "swe-ramp-cascade-oracle"


def test_an_oracle_run_may_not_be_submitted(tmp_path: Path) -> None:
    """An upper bound is not a score."""
    verdict = Evaluation("1", resolved=True, report={}, stamps={"disclosure": "oracle"})
    with pytest.raises(UserError, match="oracle"):
        write_submission(tmp_path, Submission("ramp"), {}, {"a__b-1": verdict}, {})
    assert list(tmp_path.iterdir()) == []
