"""Past commits as evidence."""

import pytest

from orchestrator.localize.history import build_history
from orchestrator.protocols import CommitInfo

FILES = {"a.py": 0, "b.py": 1, "c.py": 2}


def _commit(message: str, *paths: str, number: int = 0) -> CommitInfo:
    return CommitInfo(f"{number:07d}ab" + "0" * 31, message, 1, paths)


def test_messages_speak_for_the_files_that_they_changed() -> None:
    """By commit (shared over its files) and by file (all its messages)."""
    history = build_history([_commit("Fix rounding of prices", "a.py", "b.py"), _commit("Docs", "c.py")], FILES)
    found = history.resembling({"rounding": 1.0})
    assert found[0] == found[1] > 0 == found[2]


def test_a_wide_commit_says_nothing() -> None:
    """More than 20 changed files is a sweep."""
    wide = {f"{n}.py": n for n in range(30)}
    history = build_history([_commit("Rename rounding", *wide)], wide)
    assert history.resembling({"rounding": 1.0}).sum() == 0


def test_other_files_do_not_count() -> None:
    """A commit that changed only tests or documents is left out."""
    assert len(build_history([_commit("Fix", "README.md")], FILES).commit_ids) == 0


def test_commits_and_tickets_that_an_issue_names() -> None:
    """By an abbreviated id or by a ticket number in the message; other numbers do nothing."""
    commits = [_commit("Fixed #1234 -- Rounding", "a.py", number=1), _commit("Other", "b.py", number=2)]
    history = build_history(commits, FILES)
    assert history.mentioned("since #1234").tolist() == [1.0, 0.0, 0.0]
    assert history.mentioned("since 0000002ab it fails").tolist() == [0.0, 1.0, 0.0]
    assert history.mentioned("1234 apples").tolist() == [0.0, 0.0, 0.0]


def test_recent_changes_count_more() -> None:
    """A change 1,000 commits ago counts half."""
    commits = [_commit("x", "a.py"), *[_commit("y", "c.py")] * 999, _commit("z", "b.py")]
    changes = build_history(commits, FILES).changes()
    assert changes[0] == pytest.approx(1.0)
    assert changes[1] == pytest.approx(0.5)


def test_no_history_is_no_evidence() -> None:
    """A shallow clone scores zero everywhere."""
    history = build_history([], FILES)
    assert history.changes().tolist() == [0, 0, 0]
    assert history.resembling({"x": 1.0}).tolist() == [0, 0, 0]
