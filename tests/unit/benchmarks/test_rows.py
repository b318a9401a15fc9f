"""Rows are validated whole, before anything else, and a bad one is named by index and field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.benchmarks.derive import language_of, official_image
from orchestrator.benchmarks.rows import validate_rows
from orchestrator.errors import BenchmarkError
from tests.unit.benchmarks.examples import row


def refusal(*rows: Any) -> str:
    """The words in which rows are refused."""
    with pytest.raises(BenchmarkError) as caught:
        validate_rows(rows, "here.jsonl")
    return str(caught.value)


def test_a_good_row_is_taken_whole() -> None:
    """Columns arrive as they are, test lists as tuples, unknown columns are kept for upstream."""
    (good,) = validate_rows([row(extra_column=7)], "here")
    assert good.FAIL_TO_PASS == ("tests/test_parser.py::test_hidden_behaviour",)
    assert good.as_upstream()["extra_column"] == 7
    assert good.as_upstream()["PASS_TO_PASS"] == ["tests/test_parser.py::test_old"]


def test_test_lists_may_be_lists_or_json() -> None:
    """A list, a tuple and a JSON string of the same ids give the same row hash."""
    forms = (["a"], ("a",), '["a"]')
    hashes = {validate_rows([row(FAIL_TO_PASS=form)], "here")[0].sha256() for form in forms}
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("instance_id", "../../etc__passwd-1"),
        ("instance_id", "psf__requests-1/../x-2"),
        ("instance_id", "psf__requests-1\n"),
        ("instance_id", "requests-1"),
        ("repo", "https://evil/x"),
        ("base_commit", "HEAD"),
        ("base_commit", "--upload-pack=x"),
        ("image", "--privileged"),
        ("image", "a image"),
        ("log_parser", "__import__"),
        ("eval_type", "pass"),
        ("FAIL_TO_PASS", "not json"),
        ("FAIL_TO_PASS", '{"a": 1}'),
        ("PASS_TO_PASS", [1, 2]),
        ("PASS_TO_PASS", None),
        ("problem_statement", "x" * 4_000_001),
        ("problem_statement", 7),
        ("patch", ...),
        ("eval_script", "echo no markers"),
        ("eval_script", ": '>>>>> Start Test Output'\npytest\n"),
    ],
)
def test_a_bad_field_is_named_with_its_row(column: str, value: Any) -> None:
    """The message has the row's index and the field."""
    words = refusal(row(), row(instance_id="psf__requests-2"), row(**{"instance_id": "psf__requests-3", column: value}))
    assert "row 2" in words
    assert column in words
    assert "nothing was started" in words


def test_many_bad_rows_are_listed_at_once() -> None:
    """Ten are shown, the rest counted."""
    words = refusal(*(row(repo="bad") for _ in range(12)))
    assert words.count("repo:") == 10
    assert "and 2 more" in words


def test_duplicates_are_refused() -> None:
    """The second of two equal ids is named with the place of the first."""
    assert "row 1: instance_id 'psf__requests-1' was row 0 already" in refusal(row(), row())


def test_what_is_no_object_is_refused() -> None:
    """A list or a null in place of a row is named by index."""
    words = refusal([1], None)
    assert "row 0: is list" in words
    assert "row 1: is NoneType" in words


def test_no_rows_is_an_error() -> None:
    """An empty file is not an empty run."""
    assert "holds no rows" in refusal()


def test_nan_and_null_in_optional_columns_are_empty() -> None:
    """What pandas makes of an empty cell counts as empty text; a number as version becomes text."""
    (good,) = validate_rows([row(hints_text=float("nan"), version=3.1)], "here")
    assert good.hints_text == ""
    assert good.version == "3.1"


def test_an_older_row_gets_what_can_be_derived() -> None:
    """Image by the official convention, log parser by repository, eval type."""
    old = row(image=..., log_parser=float("nan"), eval_type=None)
    (good,) = validate_rows([old], "here")
    assert good.image == "swebench/sweb.eval.x86_64.psf_1776_requests-1:latest"
    assert good.log_parser == "parse_log_requests"
    assert good.eval_type == "pass_and_fail"


def test_an_older_row_without_a_script_says_what_to_do() -> None:
    """The grading script cannot be derived: the message gives the remedy."""
    words = refusal(row(eval_script=...))
    assert "eval_script" in words
    assert ".parquet" in words


def test_an_unknown_repository_without_a_parser_is_refused() -> None:
    """No parser is guessed."""
    assert "no" in refusal(row(repo="some/thing", log_parser=...))
    assert "log_parser" in refusal(row(repo="some/thing", log_parser=...))


def test_the_official_image_has_no_double_underscore() -> None:
    """Registries forbid it, so the convention replaces it, and all is lower case."""
    assert official_image("Psf__requests-1") == "swebench/sweb.eval.x86_64.psf_1776_requests-1:latest"


def test_every_upstream_parser_has_a_language() -> None:
    """Python's are python; the other languages of Multilingual are told apart."""
    assert language_of("parse_log_pytest_v2") == "python"
    assert language_of("parse_log_gotest") == "go"
    assert language_of("parse_log_cargo") == "rust"
    assert language_of("parse_log_vitest") == "javascript"


@given(
    st.dictionaries(
        st.sampled_from(sorted(row())), st.none() | st.integers() | st.text() | st.lists(st.text()) | st.floats()
    )
)
def test_any_value_anywhere_is_taken_or_refused(changes: dict[str, Any]) -> None:
    """No value in any column raises anything but BenchmarkError, and what is taken can be hashed and dumped."""
    try:
        (good,) = validate_rows([row(**changes)], "here")
    except BenchmarkError:
        return
    json.dumps(good.as_upstream())
    assert len(good.sha256()) == 64
