"""Hostile and clumsy replies, driven through the whole machine: each gets its finding or its refusal, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.journey import Journey
from orchestrator.ledger import Ledger
from orchestrator.records import Judgement
from orchestrator.report.results import read_journeys
from tests.flow.lab import RIGHT, Lab

BLOCK = "### {path}\n```python\n<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n```\n"


def journey_of(lab: Lab) -> Journey:
    """The journey of the lab's only instance."""
    lab.start()
    ledger = Ledger(lab.run_folder / "ledger.db", read_only=True)
    (journey,) = read_journeys(ledger, lab.machine)
    ledger.close()
    return journey


def first_words(tmp_path: Path, reply: str, edit_format: str = "function") -> tuple[str, Journey]:
    """Why the first reply was refused, and the journey, in which a second, right reply follows."""
    lab = Lab(tmp_path, scripts={"lab__first-1": (reply, RIGHT)})
    rungs = [lab.settings.ladder[0].model_dump() | {"format": edit_format}, lab.settings.ladder[1].model_dump()]
    lab.settings = lab.settings.model_validate(lab.settings.model_dump() | {"ladder": rungs})
    journey = journey_of(lab)
    attempt = journey.attempts[0]
    failed = [f.reason for f in attempt.findings if f.judgement is Judgement.FAIL]
    return " ".join([*failed, *(f"{r.code}: {r.message}" for r in attempt.refusals)]), journey


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("", "empty"),
        ("x" * 10_000_000, "too_long"),
        ("\x00\x01\x02 binary \x00", ""),
        ("### shapes.py :: area\n```python\ndef area(width, height):\n    return width + height\n```\n", "change"),
        ("### shapes.py :: area\n```python\ndef area(width, height:\n    return width\n```\n", ""),
        ("odd \ud800 surrogate", ""),
    ],
)
def test_an_unusable_reply_is_refused_in_words_and_the_next_one_resolves(tmp_path: Path, reply: str, told: str) -> None:
    """Nothing, 10 MB, binary, no change, broken syntax, half a character."""
    words, journey = first_words(tmp_path, reply)
    assert words
    assert told in words
    assert journey.state == "RESOLVED"
    assert len(journey.attempts) == 2


@pytest.mark.parametrize(
    "path",
    [
        "../outside.py", "/etc/passwd", ".git/config", ".GIT/hooks/pre-commit", "a/../../b.py", "conftest.py",
        "tests/test_shapes.py",
        "setup.cfg", "pyproject.toml", "sitecustomize.py", "a\\..\\..\\b.py", "nul\x00.py", ".github/workflows/ci.yml",
    ],
)  # fmt: skip
def test_an_edit_that_reaches_out_is_never_a_patch(tmp_path: Path, path: str) -> None:
    """Outside of the repository, into .git, tests, conftest and configuration: refused, whatever it says."""
    words, journey = first_words(tmp_path, BLOCK.format(path=path, search="", replace="x = 1"), "search-replace")
    assert words
    attempt = journey.attempts[0]
    refused = {f.candidate_id for f in attempt.findings if f.judgement is Judgement.FAIL}
    assert {c.candidate_id for c in attempt.candidates} == refused
    assert journey.patch is None or path.encode() not in journey.patch.diff


@pytest.mark.parametrize(
    "source",
    [
        b"def area(width, height):\r\n    return width + height\r\n",
        b"\xef\xbb\xbfdef area(width, height):\n    return width + height\n",
        b"# -*- coding: latin-1 -*-\n# caf\xe9\ndef area(width, height):\n    return width + height\n",
        b"def area(width, height):\n    return width + height",
    ],
    ids=["crlf", "bom", "latin-1", "no last newline"],
)
def test_the_bytes_around_an_edit_survive(tmp_path: Path, source: bytes) -> None:
    """Line ends, BOM, encoding and a missing last newline are in the patched file as they were."""
    lab = Lab(tmp_path, scripts={"lab__first-1": (RIGHT,)})
    lab.benchmark.replace_source(source)
    journey = journey_of(lab)
    (change,) = journey.attempts[0].candidates[0].changes
    assert change.after == source.replace(b"width + height", b"width * height")
