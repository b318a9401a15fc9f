"""Stage 2: does the candidate stay within what a repair may touch: paths, size, and what its code may do?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from orchestrator import syntax
from orchestrator.judge.bandit_delta import new_bandit_issues
from orchestrator.judge.case import Case
from orchestrator.judge.code_policy import Fact, added_facts
from orchestrator.judge.findings import Violation, passed, refused
from orchestrator.judge.path_policy import path_violation
from orchestrator.protocols import Tree
from orchestrator.records import Candidate, FileChange, Finding

STAGE = "scope"

_ADVICE = {
    "ends_process": "Return or raise an exception of the project's own instead of ending the process.",
    "reads_callers": "Compute the result from the arguments; code must not look at who calls it.",
    "runs_code": "Write the logic out instead of running text as code.",
    "runs_programs": "Repair the cause within the program; no other program may be started.",
    "opens_network": "Repair the cause without the network.",
    "destroys_files": "Repair the cause without removing folders.",
    "outlives_test": "Do the work where it is asked for; nothing may stay behind for later.",
    "touches_test_runner": "Source code must not know of the test runner; repair the behaviour itself.",
    "patches_interpreter": "Repair the project's own code instead of replacing parts of the interpreter or of the test runner.",
    "always_equal": "Compare what the objects hold.",
    "forges_results": "Source code must not print what looks like test results.",
    "reads_secrets": "Source code must not read credentials or the whole environment.",
    "holds_secret": "Leave credentials out of the source code.",
}
_RUNNERS_OWN = ("src/_pytest/__init__.py", "_pytest/__init__.py", "src/pytest/__init__.py", "_pytest/config.py")


def stays_in_scope(candidate: Candidate, case: Case) -> Finding:
    """Pass where every path may be touched, the change is of a repair's size, and no new code does what a repair never needs."""
    for violation in _violations(candidate, case):
        if violation.rule not in case.settings.waivers:
            return refused(STAGE, candidate, violation)
    lines = sum(_changed_lines(change) for change in candidate.changes)
    return passed(STAGE, candidate, f"{len(candidate.changes)} file(s), {lines} changed line(s), nothing out of bounds")


def _violations(candidate: Candidate, case: Case) -> Iterator[Violation]:
    """Cheap rules first; a generator, so that what follows the first violation is never computed."""
    yield from _diff_says_the_same(candidate)
    for change in candidate.changes:
        if violation := path_violation(change.path, change.mode, case.tree):
            yield violation
        if case.baseline is not None and change.path in case.baseline.test_files:
            yield Violation(
                "scope.tests", f"{change.path} is one of the tests that are run", "Leave the tests as they are."
            )
    yield from _too_large(candidate, case)
    for change in candidate.changes:
        yield from _code_violations(change, case.tree)


def _diff_says_the_same(candidate: Candidate) -> Iterator[Violation]:
    """What is judged (`changes`) and what sandboxes apply (`diff`) must be about the same files."""
    headers = re.findall(rb"^diff --git (.*)$", candidate.diff, re.MULTILINE)
    changed = [change.path for change in candidate.changes if change.before != change.after]
    plain = all(path.isascii() and '"' not in path for path in changed)
    expected = {f"a/{path} b/{path}".encode() for path in changed} if plain else set()
    if len(headers) != len(changed) or (plain and set(headers) != expected):
        yield Violation(
            "scope.diff", "the diff touches other files than the edits name", "Name every file that is to change."
        )


def _too_large(candidate: Candidate, case: Case) -> Iterator[Violation]:
    limits, changes = case.settings, candidate.changes
    advice = "Make the smallest change that removes the cause."
    if len(changes) > limits.max_files:
        yield Violation("scope.files", f"{len(changes)} files change; at most {limits.max_files} may", advice)
    lines = sum(_changed_lines(change) for change in changes)
    if lines > limits.max_changed_lines:
        yield Violation("scope.lines", f"{lines} lines change; at most {limits.max_changed_lines} may", advice)
    added = sum(max(0, len(change.after or b"") - len(change.before or b"")) for change in changes)
    if added > limits.max_added_bytes:
        yield Violation("scope.bytes", f"{added} bytes are added; at most {limits.max_added_bytes} may be", advice)
    for change in changes:
        if change.after is not None and b"\0" in change.after:
            yield Violation("scope.binary", f"{change.path} would be a binary file", "Write text files only.")


def _changed_lines(change: FileChange) -> int:
    """Lines added plus lines removed, order aside: cheap, and never more than a diff would say."""
    before, after = (Counter((data or b"").split(b"\n")) for data in (change.before, change.after))
    return (before - after).total() + (after - before).total()


def _code_violations(change: FileChange, tree: Tree) -> Iterator[Violation]:
    if change.after is None or not change.path.endswith((".py", ".pyi")):
        return
    before, after = (syntax.decode_source(data or b"")[0] for data in (change.before, change.after))
    for fact in added_facts(before, after):
        if not _is_the_projects_way(fact, change.path, tree):
            rule, what = fact
            yield Violation(
                f"scope.{rule}", f"{change.path} newly brings in {what!r} ({rule.replace('_', ' ')})", _ADVICE[rule]
            )
    for test_id, text in new_bandit_issues(before, after):
        yield Violation(
            f"scope.bandit.{test_id}", f"{change.path}: {text}", "Repair the cause without this unsafe construct."
        )


def _is_the_projects_way(fact: Fact, path: str, tree: Tree) -> bool:
    """A test runner may name itself, and a package whose modules speak to the network may go on doing so."""
    rule, what = fact
    if rule == "touches_test_runner":
        return any(own in tree.entries() for own in _RUNNERS_OWN)
    if rule != "opens_network":
        return False
    folder = path.rpartition("/")[0]
    said = re.compile(rf"^\s*(import|from)\s+{re.escape(what.split('.')[0])}\b".encode(), re.MULTILINE)
    siblings = (known for known in tree.entries() if known.rpartition("/")[0] == folder and known.endswith(".py"))
    return any(
        said.search(tree.read(sibling)) for sibling in siblings if tree.entries()[sibling].mode.startswith("100")
    )
