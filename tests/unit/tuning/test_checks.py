"""Checks and logs of prompt sets."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.errors import PromptError
from orchestrator.prompts import PromptSet, available_sets
from orchestrator.tuning.checks import LogEntry, append_log, check_set, read_log, shared_runs, tuned_on
from orchestrator.tuning.sets import OPTIONAL
from tests.golden.rendered_prompts import PROMPTS

DEFAULT = PromptSet.load(PROMPTS, "default")
ENTRY = LogEntry("2026-11-21", "shorter rules", DEFAULT.sha256, ("a__b-1", "a__b-2"), "applied 12 of 20, before 9")


def with_file(name: str, text: str) -> PromptSet:
    """The default set with one file changed or added."""
    return PromptSet("changed", {**DEFAULT.files, name: text})


@pytest.mark.parametrize("name", available_sets(PROMPTS))
def test_shipped_sets_have_no_problem(name: str) -> None:
    """Every template of every shipped set uses what it is given and nothing else."""
    assert [check for check in check_set(PromptSet.load(PROMPTS, name)) if check.problem] == []


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("review.md", "{{ nonce }} {{ issue }} {{ dif }}", "uses dif, which it is not given; does not use diff"),
        ("review.md", "{{ nonce", "line 1"),
        ("reveiw.md", "{{ nonce }}", "misspelt"),
        ("edit-now.md", '{% include "nowhere.md" %}', "no template nowhere.md"),
    ],
)
def test_a_problem_is_found_before_it_costs_a_token(name: str, text: str, told: str) -> None:
    """Unknown and unused variables, syntax errors, misspelt names and missing includes are named with their template."""
    found = [check for check in check_set(with_file(name, text)) if check.problem]
    assert [check.template for check in found if told in check.problem] == [name]


def test_a_missing_template_is_a_problem() -> None:
    """A set without a template that the program renders cannot be used."""
    files = {name: text for name, text in DEFAULT.files.items() if name != "review.md"}
    assert (
        next(check for check in check_set(PromptSet("less", files)) if check.template == "review.md").problem
        == "is missing"
    )


def test_a_set_from_before_the_optional_template_can_be_used() -> None:
    """A workspace's own full copy is not refused for a template that came later."""
    files = {name: text for name, text in DEFAULT.files.items() if name not in OPTIONAL}
    assert [check for check in check_set(PromptSet("old", files)) if check.problem] == []


def test_eight_words_in_a_row_are_no_accident() -> None:
    """A run of eight words shared with a problem statement is found whatever its case and punctuation; seven are not."""
    prompts = with_file("review.md", "One two three, four five SIX seven eight nine.")
    shared = {
        "x__y-1": "so: two three four; five six seven eight nine!",
        "x__y-2": "two three four five six seven eight",
    }
    found = shared_runs(prompts, shared)
    assert [(overlap.template, overlap.instance_id) for overlap in found] == [("review.md", "x__y-1")]
    assert found[0].words == "two three four five six seven eight nine"


def test_an_overlap_can_be_allowed_by_name() -> None:
    """The caller or the set's own manifest may allow an instance."""
    prompts = with_file("review.md", "one two three four five six seven eight")
    statements = {"x__y-1": "one two three four five six seven eight"}
    assert shared_runs(prompts, statements, allowed=["x__y-1"]) == ()
    assert shared_runs(replace(prompts, allow_overlap=("x__y-1",)), statements) == ()


@pytest.mark.parametrize("name", available_sets(PROMPTS))
def test_shipped_examples_come_from_no_starter_task(name: str) -> None:
    """No shipped prompt shares a run of eight words with a problem of the bundled benchmark."""
    tasks = PROMPTS.parent / "orchestrator" / "benchmarks" / "starter"
    statements = {path.parent.name: path.read_text(encoding="utf-8") for path in tasks.rglob("problem_statement.md")}
    assert len(statements) >= 30
    assert shared_runs(PromptSet.load(PROMPTS, name), statements) == ()


@pytest.mark.shared
@pytest.mark.parametrize("name", available_sets(PROMPTS))
def test_shipped_examples_come_from_no_evaluated_issue(name: str) -> None:
    """No shipped prompt shares a run of eight words with a development row's problem statement."""
    beside = Path(__file__).resolve().parents[4] / "shared"
    rows = Path(os.environ.get("RAMP_SHARED", beside)) / "swebench" / "lite-dev.jsonl"
    if not rows.is_file():
        pytest.skip("the development rows are not beside the checkout")
    statements = {
        row["instance_id"]: row["problem_statement"] for row in map(json.loads, rows.read_bytes().splitlines())
    }
    assert shared_runs(PromptSet.load(PROMPTS, name), statements) == ()


def test_the_log_comes_back_as_written(tmp_path: Path) -> None:
    """Entries are appended and read back in order."""
    (tmp_path / "set.toml").write_text('name = "x"\n')
    assert read_log(tmp_path) == ()
    append_log(tmp_path, ENTRY)
    append_log(tmp_path, replace(ENTRY, changed="older example", instances=("a__b-3",)))
    assert read_log(tmp_path)[0] == ENTRY
    assert tuned_on(read_log(tmp_path)) == {"a__b-1", "a__b-2", "a__b-3"}


@pytest.mark.parametrize("line", ["{", '{"date": "x"}', '{"date": "x", "changed": "", "sha256": "", "who": 1}', "[]"])
def test_a_damaged_log_names_its_line(tmp_path: Path, line: str) -> None:
    """A line that cannot be read is named, not skipped."""
    (tmp_path / "set.toml").write_text('name = "x"\n')
    append_log(tmp_path, ENTRY)
    with (tmp_path / "log.jsonl").open("a") as log:
        log.write(line + "\n")
    with pytest.raises(PromptError, match=r"log\.jsonl, line 2"):
        read_log(tmp_path)


def test_a_log_needs_a_set(tmp_path: Path) -> None:
    """A log is written only into a prompt set's folder."""
    with pytest.raises(PromptError, match="is no prompt set"):
        append_log(tmp_path, ENTRY)
