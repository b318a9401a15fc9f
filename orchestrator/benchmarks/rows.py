"""A dataset row, validated: the edge where other people's data becomes ours."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from orchestrator.benchmarks.derive import derive_columns
from orchestrator.errors import BenchmarkError

START_MARKER = ">>>>> Start Test Output"
END_MARKER = ">>>>> End Test Output"

_ID = r"^[A-Za-z0-9_.-]+__[A-Za-z0-9_.-]+-\d+$"
_REPO = r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$"
_COMMIT = r"^[0-9a-f]{40}([0-9a-f]{24})?$"
_MAX_TEXT = 4_000_000
_MAX_TESTS = 200_000
_SHOWN_PROBLEMS = 10


def _no_nan(value: Any) -> Any:
    """NaN is what pandas and some JSON writers make of an empty cell."""
    return "" if value is None or (isinstance(value, float) and math.isnan(value)) else value


def _as_version(value: Any) -> Any:
    value = _no_nan(value)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _as_tests(value: Any) -> Any:
    """The hub stores test lists as JSON strings, task repos as lists, parquet readers as tuples."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except json.JSONDecodeError as error:
            raise ValueError(f"is neither a list nor a JSON list: {error}") from error
    if not isinstance(value, list | tuple):
        raise ValueError(f"should be a list of test ids, not {type(value).__name__}")  # noqa: TRY004 - pydantic collects these
    return tuple(value)


def _has_markers(script: str) -> str:
    missing = [marker for marker in (START_MARKER, END_MARKER) if marker not in script]
    if missing:
        raise ValueError(
            f"has no {missing[0]!r} marker, so its output cannot be graded; get the row from its source again"
        )
    return script


_Text = Annotated[str, BeforeValidator(_no_nan), Field(max_length=_MAX_TEXT)]
_Tests = Annotated[tuple[str, ...], BeforeValidator(_as_tests), Field(max_length=_MAX_TESTS)]


class Row(BaseModel):
    """One instance of a SWE-bench dataset with all columns of swebench 5; unknown columns are kept and ignored."""

    model_config = ConfigDict(extra="allow", frozen=True)

    instance_id: Annotated[str, Field(pattern=_ID, max_length=200)]
    repo: Annotated[str, Field(pattern=_REPO, max_length=200)]
    base_commit: Annotated[str, Field(pattern=_COMMIT)]
    problem_statement: _Text
    patch: _Text
    test_patch: _Text
    hints_text: _Text = ""
    version: Annotated[str, BeforeValidator(_as_version), Field(max_length=100)] = ""
    FAIL_TO_PASS: _Tests
    PASS_TO_PASS: _Tests
    image: Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@-]*$")]
    log_parser: Annotated[str, Field(pattern=r"^parse_log_\w+$", max_length=100)]
    eval_type: Annotated[str, Field(pattern=r"^(pass_and_fail|fail_only)$")]
    eval_script: Annotated[_Text, AfterValidator(_has_markers)]

    def as_upstream(self) -> dict[str, Any]:
        """The row as swebench's `make_test_spec` takes it."""
        columns = self.model_dump()
        return columns | {name: list(columns[name]) for name in ("FAIL_TO_PASS", "PASS_TO_PASS")}

    def sha256(self) -> str:
        """Hash of the row's canonical JSON: the same row hashes the same from any file format."""
        canonical = json.dumps(self.as_upstream(), sort_keys=True, ensure_ascii=True, default=str)
        return hashlib.sha256(canonical.encode()).hexdigest()


def validate_rows(raw_rows: Iterable[Any], source: str) -> tuple[Row, ...]:
    """Validate every row before anything else happens.

    Raises BenchmarkError that names up to ten bad rows by index and field, or the first id that occurs twice.
    """
    rows: list[Row] = []
    problems: list[str] = []
    first_seen: dict[str, int] = {}
    for index, raw in enumerate(raw_rows):
        try:
            row = _validate(raw)
        except ValueError as error:
            problems.append(f"row {index}{_id_of(raw)}: {_explain(error)}")
            continue
        if row.instance_id in first_seen:
            problems.append(
                f"row {index}: instance_id {row.instance_id!r} was row {first_seen[row.instance_id]} already"
            )
        first_seen.setdefault(row.instance_id, index)
        rows.append(row)
    if problems:
        shown = "\n  ".join(problems[:_SHOWN_PROBLEMS])
        more = f"\n  and {len(problems) - _SHOWN_PROBLEMS} more" if len(problems) > _SHOWN_PROBLEMS else ""
        raise BenchmarkError(f"{source}: {len(problems)} bad rows; nothing was started\n  {shown}{more}")
    if not rows:
        raise BenchmarkError(f"{source} holds no rows")
    return tuple(rows)


def _validate(raw: Any) -> Row:
    if not isinstance(raw, Mapping):
        raise ValueError(f"is {type(raw).__name__}, not an object with columns")  # noqa: TRY004 - collected like the rest
    return Row.model_validate(derive_columns(raw))


def _id_of(raw: Any) -> str:
    identity = raw.get("instance_id") if isinstance(raw, Mapping) else None
    return f" ({identity!r})" if isinstance(identity, str) and len(identity) < 200 else ""


def _explain(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    told = (
        f"{'.'.join(map(str, one['loc']))}: {one['msg']}"
        for one in error.errors(include_input=False, include_url=False)
    )
    return "; ".join(told)
