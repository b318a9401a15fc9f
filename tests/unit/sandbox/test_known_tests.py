"""What is known of test files across runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from orchestrator.records import Task, TestFileBaseline, TestStatus
from orchestrator.sandbox.known_tests import KnownTests

TASK = Task("a__b-1", "lite", "a/b", "0" * 40, "")
FOUND = TestFileBaseline({"t::x": TestStatus.PASSED}, ("t::y",), 2.5, ended=True, limit_s=30.0)


def test_what_one_run_kept_another_finds(tmp_path: Path) -> None:
    """By image digest and everything that decides how the file is run."""
    KnownTests(tmp_path, TASK, "sha256:1").keep("tests/t.py", FOUND)
    again = KnownTests(tmp_path, TASK, "sha256:1")
    assert again.find("tests/t.py", 30) == FOUND
    assert again.seconds() == {"tests/t.py": 2.5}
    assert again.find("tests/u.py", 30) is None
    others = [
        (TASK, "sha256:2"),
        (replace(TASK, test_command="tox"), "sha256:1"),
        (replace(TASK, base_commit="1" * 40), "sha256:1"),
    ]
    assert [KnownTests(tmp_path, task, digest).find("tests/t.py", 30) for task, digest in others] == [None] * 3


def test_a_file_that_was_cut_is_tried_again_with_more_time(tmp_path: Path) -> None:
    """With the same time it would be cut again; it is known to take at least that long."""
    known = KnownTests(tmp_path, TASK, "sha256:1", is_busy=lambda: False)
    known.keep("tests/t.py", replace(FOUND, ended=False))
    assert known.find("tests/t.py", 30) is not None
    assert known.find("tests/t.py", 31) is None
    assert known.seconds() == {"tests/t.py": 30.0}


def test_a_busy_machine_s_cut_is_not_kept(tmp_path: Path) -> None:
    """What ended is kept all the same."""
    known = KnownTests(tmp_path, TASK, "sha256:1", is_busy=lambda: True)
    known.keep("tests/t.py", replace(FOUND, ended=False))
    known.keep("tests/u.py", FOUND)
    assert known.find("tests/t.py", 30) is None
    assert known.find("tests/u.py", 30) == FOUND


def test_a_cut_file_in_which_nothing_ended_is_not_kept(tmp_path: Path) -> None:
    """It would keep every later run, on a faster day too, from learning anything."""
    known = KnownTests(tmp_path, TASK, "sha256:1", is_busy=lambda: False)
    known.keep("tests/t.py", replace(FOUND, statuses={}, ended=False, reason="no test of it ended in time"))
    assert known.find("tests/t.py", 30) is None


def test_without_a_digest_nothing_is_kept(tmp_path: Path) -> None:
    """An environment without a name can change unseen."""
    known = KnownTests(tmp_path, TASK, "")
    known.keep("tests/t.py", FOUND)
    assert known.find("tests/t.py", 30) is None
    assert not known.seconds()
    assert not list(tmp_path.iterdir())


def test_a_damaged_file_is_an_unknown_one(tmp_path: Path) -> None:
    """Half a file, or one of another shape, is written anew."""
    known = KnownTests(tmp_path, TASK, "sha256:1")
    known.keep("tests/t.py", FOUND)
    (path,) = tmp_path.rglob("*.json")
    for damage in ("", "{", '{"path": "tests/t.py"}', '{"path": "tests/t.py", "found": {"statuses": 3}}'):
        path.write_text(damage)
        assert known.find("tests/t.py", 30) is None
        assert not known.seconds()
