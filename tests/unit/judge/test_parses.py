"""Stage 3: touched files still parse."""

from __future__ import annotations

import pytest

from orchestrator.judge.parses import still_parses
from orchestrator.records import Judgement
from tests.unit.judge.fakes import BASE, candidate, case, change, rewrite


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("def add(a, b):\nreturn a\n", "parses.indentation"),
        ("def add(a, b:\n    return a\n", "parses.never_closed"),
        ("def add(a, b)\n    return a\n", "parses.syntax"),
        ("return 1\n", "parses.syntax"),
        ("x = 1\0\n", "parses.syntax"),
    ],
)
def test_broken_python_is_refused_with_its_line(text: str, rule: str) -> None:
    """The rule tells indentation, unclosed brackets and the rest apart; the path is named."""
    finding = still_parses(rewrite(text), case())
    assert finding.rule == rule
    assert "demo/core.py" in finding.reason
    assert finding.advice


def test_the_reason_shows_the_lines_around_the_fault() -> None:
    """The faulty line is shown with its number."""
    finding = still_parses(rewrite("x = 1\ny = = 2\nz = 3\n"), case())
    assert "line 2" in finding.reason
    assert "2 | y = = 2" in finding.reason


def test_good_python_passes() -> None:
    """A file that parses passes."""
    assert still_parses(rewrite("def add(a, b):\n    return a + b\n"), case()).judgement is Judgement.PASS


def test_code_of_an_older_python_says_nothing() -> None:
    """A file that did not parse before the change cannot be judged by this interpreter."""
    base = {**BASE, "demo/old.py": "print 'a'\n"}
    assert still_parses(candidate(change("demo/old.py", "print 'b'\n", base)), case()).judgement is Judgement.ABSTAIN


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        ("demo/a.json", '{"a": 1}', '{"a": 1'),
        ("demo/a.toml", "a = 1\n", "a = = 1\n"),
        ("demo/a.yaml", "a: !own [1]\n", "a: [1\n"),
        ("demo/a.ini", "[a]\nb = 1\n", "b = 1\n"),
        ("demo/a.xml", "<a/>", "<a>"),
    ],
)
def test_other_formats_are_read_too(path: str, good: str, bad: str) -> None:
    """JSON, TOML, YAML (with a project's own tags), INI and XML."""
    assert still_parses(candidate(change(path, good)), case()).judgement is Judgement.PASS
    assert still_parses(candidate(change(path, bad)), case()).judgement is Judgement.FAIL


def test_an_unknown_kind_of_file_says_nothing() -> None:
    """Prose cannot fail to parse."""
    assert still_parses(candidate(change("NEWS.rst", "x")), case()).judgement is Judgement.ABSTAIN


def test_a_deep_nest_is_a_finding_and_no_crash() -> None:
    """The parser's own limits are reported like any fault."""
    assert still_parses(rewrite("x = " + "(" * 3000 + ")" * 3000 + "\n"), case()).judgement is Judgement.FAIL
