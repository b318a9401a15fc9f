"""What rows of the schema before swebench 5 lack, where it can be derived, and what to do where it cannot."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

# The parsers of swebench 5.0.2's PARSER_REGISTRY for the Python repositories of SWE-bench and its dev split.
PARSER_BY_REPOSITORY = {
    "astropy/astropy": "parse_log_astropy",
    "django/django": "parse_log_django",
    "marshmallow-code/marshmallow": "parse_log_marshmallow",
    "matplotlib/matplotlib": "parse_log_matplotlib",
    "mwaskom/seaborn": "parse_log_seaborn",
    "pallets/flask": "parse_log_flask",
    "psf/requests": "parse_log_requests",
    "pvlib/pvlib-python": "parse_log_pvlib",
    "pydata/xarray": "parse_log_xarray",
    "pydicom/pydicom": "parse_log_pydicom",
    "pylint-dev/astroid": "parse_log_astroid",
    "pylint-dev/pylint": "parse_log_pylint",
    "pytest-dev/pytest": "parse_log_pytest",
    "pyvista/pyvista": "parse_log_pyvista",
    "scikit-learn/scikit-learn": "parse_log_scikit",
    "sphinx-doc/sphinx": "parse_log_sphinx",
    "sqlfluff/sqlfluff": "parse_log_sqlfluff",
    "sympy/sympy": "parse_log_sympy",
}

# Parsers of other languages, by the start of what follows `parse_log_`; everything unnamed in neither table is JavaScript.
_LANGUAGE_BY_PARSER = {
    "go": ("gotest",),
    "rust": ("cargo",),
    "java": ("maven", "ant", "gradle_custom"),
    "php": ("phpunit",),
    "ruby": ("minitest", "cucumber", "ruby_unit", "rspec_transformed_json", "jekyll"),
    "c": ("redis", "jq", "doctest", "micropython_test", "googletest"),
}
_PYTHON_PARSERS = frozenset(PARSER_BY_REPOSITORY.values()) | {"parse_log_pytest_options", "parse_log_pytest_v2"}


def official_image(instance_id: str) -> str:
    """The image name by the convention of the official x86_64 images, which forbid a double underscore."""
    return f"swebench/sweb.eval.x86_64.{instance_id}:latest".lower().replace("__", "_1776_")


def language_of(log_parser: str) -> str:
    """The language that a log parser of swebench reads the test output of."""
    if log_parser in _PYTHON_PARSERS:
        return "python"
    name = log_parser.removeprefix("parse_log_")
    return next((language for language, parsers in _LANGUAGE_BY_PARSER.items() if name in parsers), "javascript")


def derive_columns(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in image, log_parser and eval_type where a row lacks them.

    Raises ValueError with the remedy where a column cannot be derived: the grading script, or an unknown
    repository's parser.
    """
    row = dict(raw)
    if _absent(row, "image") and isinstance(row.get("instance_id"), str):
        row["image"] = official_image(row["instance_id"])
    if _absent(row, "log_parser"):
        row["log_parser"] = _parser_for(row.get("repo"))
    if _absent(row, "eval_type"):
        row["eval_type"] = "pass_and_fail"
    if _absent(row, "eval_script"):
        raise ValueError(
            "eval_script: missing, so this row is of the schema before swebench 5 and cannot be graded. "
            "Load the dataset's current revision (-b lite, verified, full), or save it as .parquet and give its path"
        )
    return row


def _parser_for(repo: Any) -> str:
    if not isinstance(repo, str) or repo not in PARSER_BY_REPOSITORY:
        raise ValueError(f"log_parser: missing, and none is known for repository {repo!r}; add the column to the row")
    return PARSER_BY_REPOSITORY[repo]


def _absent(row: Mapping[str, Any], column: str) -> bool:
    value = row.get(column)
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))
