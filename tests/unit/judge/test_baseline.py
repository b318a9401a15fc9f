"""The repository's own tests at base_commit: two passes, a budget, and what earlier runs know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orchestrator.judge.baseline import NothingKnown, measure
from orchestrator.records import TestFileBaseline, TestFileRun, TestRun, TestStatus

P, F = TestStatus.PASSED, TestStatus.FAILED


@dataclass
class Passes:
    """Answers each pass from a list, and keeps what it was asked."""

    runs: list[TestRun]
    asked: list[tuple[tuple[str, ...], float, Mapping[str, float]]] = field(default_factory=list)

    def __call__(
        self, chosen: Sequence[str], *, timeout_s: float, file_limits: Mapping[str, float], purpose: str
    ) -> TestRun:
        self.asked.append((tuple(chosen), timeout_s, file_limits))
        return self.runs.pop(0)


@dataclass
class Memory:
    """A Known in memory."""

    kept: dict[str, TestFileBaseline] = field(default_factory=dict)

    def find(self, test_file: str, limit_s: float) -> TestFileBaseline | None:
        return self.kept.get(test_file)

    def keep(self, test_file: str, found: TestFileBaseline) -> None:
        self.kept[test_file] = found


def passed(files: Mapping[str, TestFileRun], outcome: str = "exited") -> TestRun:
    """A run of these files."""
    statuses = {test: status for file in files.values() for test, status in file.statuses.items()}
    return TestRun(statuses, outcome, 0, b"", 1.0, files=files)


def test_what_differs_between_the_passes_is_flaky() -> None:
    """It is set aside; durations are the longer ones."""
    first, second = TestFileRun({"x": P, "y": P, "z": F}, 2.0), TestFileRun({"x": P, "y": F, "z": F}, 3.0)
    found = measure(["a"], Passes([passed({"a": first}), passed({"a": second})]), NothingKnown(), 60, "p")
    assert found.flaky == ("y",)
    assert found.statuses == {"x": P, "z": F}
    assert (found.seconds, found.duration_s, found.counting) == ({"a": 3.0}, 3.0, ("a",))


def test_what_is_of_no_use_is_left_out_and_said() -> None:
    """A file that cannot be believed, one without a passing test, one that was not reached; none is run a second time."""
    files = {
        "good": TestFileRun({"x": P}),
        "gis": TestFileRun({}, reason="no test is listed at all"),
        "red": TestFileRun({"r": F}),
    }
    passes = Passes([passed(files), passed({"good": files["good"]})])
    found = measure(["good", "gis", "red", "late"], passes, NothingKnown(), 60, "p")
    assert found.counting == ("good",)
    assert found.left_out == {
        "gis": "no test is listed at all",
        "red": "no test of it passes",
        "late": "not reached in time",
    }
    assert [asked[0] for asked in passes.asked] == [("good", "gis", "red", "late"), ("good",)]


def test_a_file_may_take_a_third_of_a_pass_and_keeps_what_ended() -> None:
    """Cut, it comes last for candidates; only tests that ended in both passes count."""
    slow = [TestFileRun({"s": P, "t": P}, 30.0, ended=False), TestFileRun({"s": P}, 30.0, ended=False)]
    quick = TestFileRun({"x": P}, 1.0)
    passes = Passes([passed({"slow": one, "quick": quick}) for one in slow])
    found = measure(["slow", "quick"], passes, NothingKnown(), 60, "p")
    assert found.cut == {"slow": ("s",)}
    assert found.counting == ("quick", "slow")
    assert (found.statuses, found.flaky) == ({"s": P, "x": P}, ())
    assert passes.asked[0][1:] == (60, {"slow": 20, "quick": 20})
    assert passes.asked[1][2] == {"slow": 30.0, "quick": 23.0}


def test_what_ends_the_whole_container_is_left_out() -> None:
    """A candidate would be ended by it too; what ended before it counts."""
    files = {"good": TestFileRun({"x": P}), "eater": TestFileRun({"y": P}, ended=False)}
    passes = Passes([passed(files, outcome="oom"), passed({"good": files["good"]})])
    found = measure(["good", "eater"], passes, NothingKnown(), 60, "p")
    assert found.counting == ("good",)
    assert "oom" in found.left_out["eater"]


def test_nothing_known_is_run_again() -> None:
    """A second baseline of the same files starts no sandbox, and says from where it knows."""
    memory = Memory()
    once = passed({"a": TestFileRun({"x": P}), "b": TestFileRun({}, reason="lies")})
    first = measure(["a", "b"], Passes([once, once]), memory, 60, "p")
    again = measure(["a", "b"], Passes([]), memory, 60, "p")
    assert again.known == ("a", "b")
    assert (again.statuses, again.left_out) == (first.statuses, first.left_out)
    assert first.known == ()


def test_a_broken_environment_teaches_nothing() -> None:
    """The reason is told and nothing is kept."""
    memory = Memory()
    broken = TestRun({}, "infra", None, b"", 0.0, trusted=False, reason="the engine went away")
    assert measure(["a"], Passes([broken]), memory, 60, "p").reason == "the engine went away"
    assert not memory.kept


def test_one_name_in_two_files_counts_only_where_both_agree() -> None:
    """Some runners print no file with a test's name."""
    files = {"a": TestFileRun({"x": P, "y": P}), "b": TestFileRun({"x": F, "z": P})}
    found = measure(["a", "b"], Passes([passed(files), passed(files)]), NothingKnown(), 60, "p")
    assert found.flaky == ("x",)


def test_a_cut_file_whose_passes_have_nothing_in_common_is_left_out() -> None:
    """Counting it would say that its tests were seen."""
    first = TestFileRun({"x": P}, 20.0, ended=False)
    second = TestFileRun({}, 20.0, ended=False)
    found = measure(["a"], Passes([passed({"a": first}), passed({"a": second})]), NothingKnown(), 60, "p")
    assert (found.counting, found.cut, found.statuses) == ((), {}, {})
    assert "no test of it ended" in found.left_out["a"]
