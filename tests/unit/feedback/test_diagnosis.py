"""Each runner's output becomes the failing test, the exception, both sides, and the frames in the repository."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.feedback.diagnosis import MOST_LINES, diagnose, explain_place
from orchestrator.feedback.runners import short_name
from orchestrator.masking import mask, signature_of
from orchestrator.records import Frame
from tests.unit.feedback import logs


def read(log: str, *known: str) -> tuple[str, str, str, tuple[str, int, str]]:
    """Failing test, exception, message and deepest frame of a log."""
    found = diagnose(log.encode(), known_tests=known)
    deepest = found.frames[-1] if found.frames else Frame("", 0, "")
    return found.failing_test, found.exception, found.message, (deepest.path, deepest.line, deepest.function)


TABLE = {
    "pytest, long": (
        logs.PYTEST_LONG, (),
        ("tests/test_berth.py::test_long_boat", "AttributeError", "'Boat' object has no attribute 'size'",
         ("berths/berth.py", 16, "fits")),
    ),
    "pytest, a known test": (
        logs.PYTEST_LONG, ("tests/test_berth.py::TestDock::test_sum[3]",),
        ("tests/test_berth.py::TestDock::test_sum[3]", "AssertionError", "assert 5 == 6\n+  where 5 = total(3)",
         ("tests/test_berth.py", 20, "test_sum")),
    ),
    "pytest, short": (
        logs.PYTEST_SHORT, (),
        ("test_long_boat", "AttributeError", "size", ("berths/berth.py", 16, "fits")),
    ),
    "pytest, collection": (
        logs.PYTEST_COLLECTION, (),
        ("tests/test_berth.py", "ImportError", "cannot import name 'Bote' from 'berths.boat' (/testbed/berths/boat.py)",
         ("berths/berth.py", 3, "<module>")),
    ),
    "pytest, summary only": (
        logs.PYTEST_SUMMARY_ONLY, (),
        ("tests/test_berth.py::test_long_boat", "ValueError", "too long: 12", ("", 0, "")),
    ),
    "pytest, chained": (
        logs.PYTEST_CHAINED, (),
        ("test_load", "berths.load.LoadError", "no berth north", ("berths/load.py", 10, "load")),
    ),
    "unittest, error": (
        logs.UNITTEST, (),
        ("test_open (harbour.tests.GateTests.test_open)", "TypeError",
         "unsupported operand type(s) for +: 'int' and 'NoneType'", ("harbour/gate.py", 12, "open")),
    ),
    "unittest, a known test in another spelling": (
        logs.UNITTEST, ("harbour.tests.GateTests.test_list",),
        ("test_list (harbour.tests.GateTests) (number=2)", "AssertionError",
         "Lists differ: [1] != [1, 2]", ("tests/harbour/tests.py", 40, "test_list")),
    ),
    "sympy": (
        logs.SYMPY, (),
        ("sympy/harbour/tests/test_tide.py:test_tide", "AssertionError", "",
         ("sympy/harbour/tests/test_tide.py", 7, "test_tide")),
    ),
    "sympy, a heading too long for its line": (
        logs.SYMPY, ("test_a_name_that_is_too_long_for_a_whole_line_",),
        ("sympy/harbour/tests/test_tide.py:test_a_name_that_is_too_long_for_a_whole_line_", "TypeError",
         "unsupported operand", ("sympy/harbour/tide.py", 4, "tide")),
    ),
    "doctest": (
        logs.DOCTEST, (),
        ("harbour.tide.level", "DocTestFailure", "expected '5', got '4'", ("harbour/tide.py", 12, "harbour.tide.level")),
    ),
    "doctest, raised": (
        logs.DOCTEST, ("harbour.tide.fall",),
        ("harbour.tide.fall", "ZeroDivisionError", "division by zero", ("harbour/tide.py", 25, "fall")),
    ),
    "plain traceback": (
        logs.TRACEBACK, (),
        ("", "harbour.load.LoadError", "no berth\nnorth", ("harbour/load.py", 10, "load")),
    ),
    "syntax error": (
        logs.SYNTAX, (),
        ("", "SyntaxError", "unmatched ']'", ("harbour/load.py", 5, "<module>")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_a_log_is_read(name: str) -> None:
    """Each row: what the log of its name says."""
    log, known, expected = TABLE[name]
    assert read(log, *known) == expected


@pytest.mark.parametrize("name", TABLE)
def test_colours_and_windows_ends_change_nothing(name: str) -> None:
    """The same log in colour, or with CRLF, is the same failure."""
    log, known, expected = TABLE[name]
    coloured = "\n".join(f"\x1b[1m\x1b[31m{line}\x1b[0m" for line in log.split("\n"))
    assert read(coloured, *known) == expected
    assert read(log.replace("\n", "\r\n"), *known) == expected


def test_another_repository_root() -> None:
    """Paths are relative to the repository's root, wherever that was."""
    found = diagnose(logs.TRACEBACK.replace("/testbed", "/home/x/repo").encode(), repository_root="/home/x/repo/")
    assert [frame.path for frame in found.frames] == ["harbour/__main__.py", "harbour/load.py"]


def test_frames_outside_the_repository_do_not_count() -> None:
    """The interpreter, site-packages and the reproduction script are not what has to change."""
    assert [frame.path for frame in diagnose(logs.PYTEST_SHORT.encode()).frames] == [
        "tests/test_berth.py",
        "berths/berth.py",
    ]


def test_frames_carry_their_source_lines() -> None:
    """A frame shows its line of code, in every style."""
    for log in (logs.PYTEST_LONG, logs.PYTEST_SHORT):
        assert diagnose(log.encode()).frames[-1].source == "return boat.size < self.length"
    assert diagnose(logs.UNITTEST.encode()).frames[-1].source == "return self.move(tide + None)"


@pytest.mark.parametrize(
    ("log", "known", "sides"),
    [
        (logs.PYTEST_LONG, ("test_sum[3]",), ("5", "6")),
        (logs.UNITTEST, ("test_list",), ("[1]", "[1, 2]")),
        (logs.SYMPY, (), ("tide(3)", "x + 1")),
        (logs.DOCTEST, (), ("4", "5")),
        (logs.PYTEST_LONG, (), ("", "")),
    ],
)
def test_both_sides_of_a_comparison(log: str, known: tuple[str, ...], sides: tuple[str, str]) -> None:
    """What was compared with what, where something was compared."""
    found = diagnose(log.encode(), known_tests=known)
    assert (found.left, found.right) == sides


@pytest.mark.parametrize(
    ("message", "sides"),
    [
        ("assert <Boat 3> == <Boat 4>", ("<Boat 3>", "<Boat 4>")),
        ("assert (a == b) is not False", ("a == b", "False")),
        ("assert 'x == y' in 'z'", ("'x == y'", "'z'")),
        ("'a' not found in ['b']", ("'a'", "['b']")),
        ("1.0 != 2.0 within 7 places (1.0 difference)", ("1.0", "2.0")),
        ("3 not less than 2", ("3", "2")),
        ("'a' != 'b' : the names differ", ("'a'", "'b'")),
        ("assert is_open()", ("", "")),
        ("False is not true", ("False", "true")),
    ],
)
def test_sides_in_every_wording(message: str, sides: tuple[str, str]) -> None:
    """The sentences of pytest and of unittest."""
    log = f'Traceback (most recent call last):\n  File "/testbed/a.py", line 1, in f\n    check()\nAssertionError: {message}\n'
    found = diagnose(log.encode())
    assert (found.left, found.right) == sides


def test_a_reproduction_says_what_was_expected() -> None:
    """The lines of our own reproduction are a comparison too."""
    found = diagnose(b"FAILED: f(1)\nexpected: 2\ngot: 3\n")
    assert (found.left, found.right) == ("3", "2")
    assert (diagnose(b"expected: 2\nor not\n").left, diagnose(b"expected: 2\nor not\n").right) == ("", "")


def test_output_of_no_known_form_keeps_head_and_tail() -> None:
    """Nothing is made up: head and tail are shown, the last line is the message."""
    log = "\n".join(f"line {n}" for n in range(500)) + "\nbash: pytest: command not found\n"
    found = diagnose(log.encode())
    assert found.message == "bash: pytest: command not found"
    assert found.excerpt.startswith("line 0\n")
    assert found.excerpt.endswith("command not found")
    assert (found.failing_test, found.exception, found.frames) == ("", "", ())


@pytest.mark.parametrize("log", [value for name, value in vars(logs).items() if name.isupper() and name != "SPACE"])
def test_an_excerpt_is_short(log: str) -> None:
    """At most forty lines, each of them not too long."""
    long = log.replace("E       ", "E       " + "x" * 5000).replace("line 31", "line 31\n" + "    more\n" * 100)
    excerpt = diagnose(long.encode()).excerpt
    assert excerpt
    assert len(excerpt.split("\n")) <= MOST_LINES
    assert max(map(len, excerpt.split("\n"))) < 250


def test_the_same_failure_has_the_same_signature() -> None:
    """Addresses, times, line numbers and values differ between two runs of one failure."""
    other = logs.PYTEST_LONG.replace("0x7f0c", "0x8a1b").replace("py:16", "py:18").replace("0.12s", "3.4s")
    assert diagnose(other.encode()).signature == diagnose(logs.PYTEST_LONG.encode()).signature
    worse = logs.PYTEST_LONG.replace("has no attribute 'size'", "has no attribute 'width'")
    assert diagnose(worse.encode()).signature != diagnose(logs.PYTEST_LONG.encode()).signature


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("<Boat at 0x7f0c5d1f2a90>", "<Boat at <address>>"),
        ("id 123e4567-e89b-12d3-a456-426614174000", "id <uuid>"),
        ("at 2026-11-21T10:11:12.5Z or 10:11", "at <time> or <time>"),
        ("took 0.12s and 3 seconds", "took <duration> and <duration>"),
        ("in /tmp/pytest-of-me/a.py", "in <path>"),
        ("commit 8a1bc09d", "commit <hex>"),
        ("got -3 and 1.5e-7", "got <n> and <n>"),
        ("a/b facade deadbeef v2", "a/b facade deadbeef v2"),
    ],
)
def test_masks(text: str, masked: str) -> None:
    """What differs between two runs is replaced by its kind; words stay."""
    assert mask(text) == masked


def test_a_host_stage_is_explained_by_its_place() -> None:
    """A sentence that names a line is shown with the lines around it."""
    after = b"".join(b"line %d\n" % n for n in range(1, 30))
    found = explain_place("a.py, line 12: unmatched ')'", "a.py", after)
    assert "> " in found.excerpt
    assert "12 line 12" in found.excerpt
    assert found.frames[-1].line == 12
    assert len(found.excerpt.split("\n")) == 9


@pytest.mark.parametrize(
    ("test", "short"),
    [
        ("a/test_b.py::TestC::test_d[x/y.z]", "test_d[x/y.z]"),
        ("test_d (a.b.C.test_d)", "test_d"),
        ("sympy/a/test_b.py:test_d", "test_d"),
        ("a.b.C.test_d", "test_d"),
        ("tests/test_a.py", "test_a"),
    ],
)
def test_short_names(test: str, short: str) -> None:
    """What the spellings of one test have in common."""
    assert short_name(test) == short


PIECES = st.sampled_from(
    [line + "\n" for log in (logs.PYTEST_LONG, logs.UNITTEST, logs.SYMPY, logs.DOCTEST) for line in log.split("\n")]
)


@given(st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=40).map(lambda parts: "".join(parts).encode())))
def test_no_output_raises(output: bytes) -> None:
    """Any bytes, and any shuffle of a log's lines, are diagnosed within forty lines."""
    found = diagnose(output)
    assert len(found.excerpt.split("\n")) <= MOST_LINES
    assert found.signature


@pytest.mark.parametrize(
    "piece",
    [
        "_ ",
        "=",
        "E   x\n",
        '  File "a.py", line 1, in f\n',
        "a:1: ",
        "FAILED a.py::",
        "Traceback (most recent call last)\n",
    ],
)
def test_half_a_megabyte_of_one_thing_is_no_trap(piece: str) -> None:
    """No reader is quadratic on a repeated piece (the bound of 10 s stands for minutes or hours)."""
    began = perf_counter()
    diagnose((piece * (500_000 // len(piece))).encode())
    assert perf_counter() - began < 10


def test_signature_parts_are_kept_apart() -> None:
    """Two parts are not the same as their joined text."""
    assert signature_of("a", "b") != signature_of("ab", "")


def test_a_failure_at_the_end_of_a_very_long_output_is_found() -> None:
    """Runners print failures last; what is left out is in the middle."""
    failure = (
        "=" * 70 + "\nFAIL: test_sum (shop.tests.SumTests)\n" + "-" * 70 + "\nTraceback (most recent call last):\n"
        '  File "/testbed/shop/tests.py", line 7, in test_sum\n    self.assertEqual(1, 2)\nAssertionError: 1 != 2\n\n'
    )
    found = diagnose(b"+noise\n" * 2_000_000 + failure.encode() + b"-" * 70 + b"\nRan 1 test\n")
    assert found.failing_test == "test_sum (shop.tests.SumTests)"
    assert (found.frames[-1].path, found.frames[-1].line) == ("shop/tests.py", 7)
