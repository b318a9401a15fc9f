"""From the recorder's file to outcomes: which tests passed, and whether the canaries say that this can be believed."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import PurePosixPath
from typing import Any, Self

from orchestrator.protocols import SandboxOutcome, SandboxResult
from orchestrator.records import TestFileRun, TestRun, TestStatus
from orchestrator.sandbox.file_runs import file_of, worse
from orchestrator.sandbox.nonces import derived

_TESTS_FAILED = 1  # pytest's exit status where all ran and at least one failed, as the must-fail canary does
_FIRST_WORD_PARSERS = {"", "parse_log_pytest", "parse_log_astroid", "parse_log_flask", "parse_log_marshmallow", "parse_log_pvlib",
                       "parse_log_pyvista", "parse_log_sqlfluff", "parse_log_xarray", "parse_log_seaborn"}  # fmt: skip
_OPTION_PARSERS = {"parse_log_pytest_options", "parse_log_requests", "parse_log_pylint", "parse_log_pydicom"}
_CONTROL = dict.fromkeys(range(1, 32))


@dataclass(frozen=True, slots=True)
class Canaries:
    """Two tests with random names, the words with which the second must fail, and the files they are put into.

    There is one file in each folder that holds tests, because hooks of a conftest file reach only what lies below it.
    """

    must_pass: str
    must_fail: str
    words: str
    files: tuple[str, ...]
    key: bytes

    @classmethod
    def beside(cls, test_files: Sequence[str], nonce: str) -> Self:
        """Names made from a fresh nonce: nothing about them can be known beforehand, and they look like any test's."""
        folders = dict.fromkeys(PurePosixPath(name.partition("::")[0]).parent for name in test_files)
        files = tuple(str(folder / f"test_{derived(nonce, f'file {folder}')[:16]}.py") for folder in folders)
        must_pass, must_fail = (f"test_{derived(nonce, name)[:16]}" for name in ("must pass", "must fail"))
        key = bytes.fromhex(derived(nonce, "key") + derived(nonce, "more key"))
        return cls(must_pass, must_fail, derived(nonce, "words"), files, key)

    def owns(self, node_id: str) -> bool:
        """Whether a node id is a canary's."""
        return node_id.rpartition("::")[2] in {self.must_pass, self.must_fail}

    def source(self) -> bytes:
        """The content of each file, for every Python since 3.6."""
        failing = f"def {self.must_fail}():\n    raise AssertionError('{self.words}')\n"
        return f"def {self.must_pass}():\n    pass\n\n\n{failing}".encode()

    def recorder(self, results_path: str, limit_s: float, file_limits: Mapping[str, float]) -> bytes:
        """The plugin's text with its settings; limits are seconds, of the session and by test file."""
        text = resources.files("orchestrator.sandbox").joinpath("pytest_recorder.py").read_text(encoding="utf-8")
        settings = {
            "RESULTS": results_path,
            "CANARIES": list(self.files),
            "KEY": self.key,
            "LIMIT_S": float(limit_s),
            "FILE_LIMITS": dict(file_limits),
        }
        return "\n".join([text, *(f"{name} = {value!r}" for name, value in settings.items()), ""]).encode()


def read_recording(result: SandboxResult, log_parser: str, canaries: Canaries, test_files: Sequence[str]) -> TestRun:
    """Outcomes of one run. `trusted` needs a whole file, an honest run's exit status, and both canaries as they must be."""
    events, tampered = _events(result.results or b"", canaries.key)
    phases: dict[str, dict[str, Mapping[str, Any]]] = {}
    for event in events:
        if isinstance(event.get("id"), str) and isinstance(event.get("when"), str):
            phases.setdefault(event["id"], {})[event["when"]] = event
    own = {name: seen for name, seen in phases.items() if not canaries.owns(name)}
    reason = tampered or _distrust(result, events, phases, canaries)
    files = _by_file(own, events, log_parser, test_files)
    if reason and result.outcome is SandboxOutcome.EXITED:
        files = {name: replace(run, reason=reason) for name, run in files.items()}
    return TestRun(
        _statuses(own, log_parser),
        result.outcome.value,
        result.exit_code,
        result.output,
        result.duration_s,
        not reason,
        reason or result.detail,
        files,
    )


def _statuses(phases: Mapping[str, Mapping[str, Mapping[str, Any]]], log_parser: str) -> dict[str, TestStatus]:
    statuses: dict[str, TestStatus] = {}
    for node_id, seen in phases.items():
        name = printed_id(node_id, log_parser)
        statuses[name] = worse(_status(seen), statuses.get(name, TestStatus.PASSED))
    return statuses


def _by_file(
    own: Mapping[str, Mapping[str, Mapping[str, Any]]],
    events: Sequence[Mapping[str, Any]],
    log_parser: str,
    test_files: Sequence[str],
) -> dict[str, TestFileRun]:
    """Each file's share. Where the session was ended from outside, the file at which it stood is the one that did not end."""
    nodes: dict[str, dict[str, Mapping[str, Mapping[str, Any]]]] = {}
    last = None
    for node_id, seen in own.items():
        last = file_of(node_id, test_files) or last
        if last is not None:
            nodes.setdefault(last, {})[node_id] = seen
    left = {file_of(event["left"], test_files) for event in events if "left" in event}
    if not any("end" in event for event in events):
        left.add(last)
    files = {}
    for name, seen_by_node in nodes.items():
        spent = sum(float(e.get("duration", 0)) for seen in seen_by_node.values() for e in seen.values())
        statuses = _statuses(seen_by_node, log_parser)
        if name in left:
            statuses = {test: status for test, status in statuses.items() if status is not TestStatus.MISSING}
        files[name] = TestFileRun(statuses, spent, name not in left)
    return files


def printed_id(node_id: str, log_parser: str) -> str:
    """The id under which swebench's log parsers list a pytest node id (harness/log_parsers/python.py, swebench 5.0.2)."""
    if log_parser in _FIRST_WORD_PARSERS:
        return _first_word(node_id)
    if log_parser == "parse_log_matplotlib":
        return node_id.replace("MouseButton.LEFT", "1").replace("MouseButton.RIGHT", "3").partition(" ")[0]
    if log_parser in _OPTION_PARSERS:
        name = _first_word(node_id)
        found = re.search(r"(.*?)\[(.*)\]", name)
        if found is None:
            return name
        main, option = found.groups()
        if option.startswith("/") and not option.startswith("//") and "*" not in option:
            option = "/" + option.split("/")[-1]
        return f"{main}[{option}]"
    return " ".join(re.sub(r"\[(\d+)m", "", node_id).translate(_CONTROL).split())


def _first_word(text: str) -> str:
    return (text.split(maxsplit=1) or [text])[0]


def _events(raw: bytes, key: bytes) -> tuple[list[dict[str, Any]], str]:
    """The events up to the first line that the recorder did not write there, and what is wrong with that line."""
    events: list[dict[str, Any]] = []
    last = b""
    for number, line in enumerate(raw.split(b"\n")[:-1], start=1):
        mark, _, text = line.partition(b" ")
        if not hmac.compare_digest(hmac.new(key, last + text, hashlib.sha256).hexdigest().encode(), mark):
            return events, f"line {number} of the results file was not written by the recorder in this place"
        last = mark
        events.append(json.loads(text))
    return events, ""


def _status(seen: Mapping[str, Mapping[str, Any]]) -> TestStatus:
    """Passed needs all three phases, each passed, and a witness that saw nothing raised."""
    if any(seen.get(when, {}).get("outcome") == "failed" for when in ("collect", "setup", "teardown")):
        return TestStatus.ERROR
    call = seen.get("call", {})
    if call.get("outcome") == "failed":
        return TestStatus.FAILED
    if "skipped" in {event.get("outcome") for event in seen.values()} or call.get("xfail"):
        return TestStatus.SKIPPED
    if call.get("raised"):
        return TestStatus.FAILED
    whole = all(seen.get(when, {}).get("outcome") == "passed" for when in ("setup", "call", "teardown"))
    return TestStatus.PASSED if whole else TestStatus.MISSING


def _distrust(
    result: SandboxResult,
    events: list[dict[str, Any]],
    phases: Mapping[str, Mapping[str, Mapping[str, Any]]],
    canaries: Canaries,
) -> str:
    """Why the outcomes cannot be believed; empty where they can."""
    if result.outcome is not SandboxOutcome.EXITED:
        return f"the run did not end by itself: {result.outcome.value}"
    if result.results is None:
        return f"no results file: the session ended early (exit status {result.exit_code})"
    ends = [event["end"] for event in events if "end" in event]
    if ends != [_TESTS_FAILED] or "end" not in events[-1]:
        return f"the session's end mark is {ends or 'missing'}, not one [1] in the last line"
    if result.exit_code != _TESTS_FAILED:
        return f"exit status {result.exit_code} where the must-fail canary makes an honest run end with 1"
    for file in canaries.files:
        reason = _canary_trouble(file, phases, canaries)
        if reason:
            return reason
    return ""


def _canary_trouble(file: str, phases: Mapping[str, Mapping[str, Mapping[str, Any]]], canaries: Canaries) -> str:
    """What is wrong with the canaries of one file; empty where they came out as they must."""
    name = PurePosixPath(file).name
    found = {node_id.rpartition("::")[2]: seen for node_id, seen in phases.items() if f"{name}::" in node_id}
    if _status(found.get(canaries.must_pass, {})) is not TestStatus.PASSED:
        return f"the must-pass canary of {PurePosixPath(file).parent} did not pass"
    failing = found.get(canaries.must_fail, {})
    if _status(failing) is not TestStatus.FAILED or canaries.words not in failing["call"].get("message", ""):
        return f"the must-fail canary of {PurePosixPath(file).parent} did not fail as it must"
    return ""
