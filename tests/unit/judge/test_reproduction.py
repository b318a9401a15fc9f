"""Reproductions: drafted from issues, accepted only on evidence, judged in a real interpreter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.errors import SandboxError
from orchestrator.judge.drafts import ReproductionDraft, extract_reproduction
from orchestrator.judge.reproduction import confirm, reproduce
from orchestrator.judge.snippets import Example
from orchestrator.judge.stage_reproduction import reproduction_passes
from orchestrator.protocols import SandboxOutcome, SandboxResult
from orchestrator.records import Finding, Judgement, Reproduction
from tests.unit.judge.fakes import BASE, TASK, DictTree, FakeSandbox, case, rewrite
from tests.unit.judge.local_sandbox import LocalSandbox

FILES = {
    **BASE,
    "demo/core.py": "def add(a, b):\n    return a - b\n\n\ndef first(items):\n    return items[0]\n",
}
REPAIRED = "def add(a, b):\n    return a + b\n\n\ndef first(items):\n    return items[0] if items else None\n"

EXPECTED = """add subtracts

```python
from demo.core import add
print(add(2, 1))
```

Expected:

```
3
```

Actual:

```
1
```
"""
SESSION = ">>> from demo.core import add\n>>> add(2, 1)\n3\n\nI get `1` instead.\n"
TRACEBACK = """first fails

```python
from demo.core import first
first([])
```

```
Traceback (most recent call last):
  File "x.py", line 2, in <module>
IndexError: list index out of range
```
"""


RAISED_ON_PURPOSE = """>>> from demo.core import first
>>> first([])
Traceback (most recent call last):
  ...
IndexError: list index out of range

That is expected.
"""


def found_in(issue: str, **more: object) -> Reproduction:
    """What is accepted of an issue on the unrepaired files."""
    return reproduce(replace(TASK, problem_statement=issue), LocalSandbox(DictTree(FILES)), **more)  # type: ignore[arg-type]


def judged(found: Reproduction, text: str) -> Finding:
    """The stage's finding for demo/core.py rewritten as `text`."""
    tree = DictTree(FILES)
    before = FILES["demo/core.py"]
    one = replace(rewrite(text), diff=_diff(before, text))
    return reproduction_passes(one, case(sandbox=LocalSandbox(tree), tree=tree, reproduction=found))


def _diff(before: str, after: str) -> bytes:
    from tests.unit.judge.fakes import change, git_diff

    return git_diff((change("demo/core.py", after, {"demo/core.py": before}),))


@pytest.mark.parametrize(
    ("issue", "kind"), [(EXPECTED, "expected_output"), (SESSION, "doctest"), (TRACEBACK, "traceback")]
)
def test_each_kind_fails_at_base_and_passes_once_repaired(issue: str, kind: str) -> None:
    """The three kinds, end to end."""
    found = found_in(issue)
    assert (found.accepted, found.kind) == (True, kind), found.reason
    assert judged(found, REPAIRED).judgement is Judgement.PASS
    still = judged(found, FILES["demo/core.py"] + "\n\nx = 1\n")
    assert still.rule == "reproduction.failed"
    assert "still fails" in still.reason


@pytest.mark.parametrize(
    "issue",
    [
        "Nothing to run here.",
        "```python\nfrom demo.core import missing\nmissing()\n```\nExpected:\n```\n3\n```\n",
        "```python\nprint(undefined_name)\n```\nExpected:\n```\n3\n```\n",
        EXPECTED.replace("```\n1\n```", "```\n7\n```"),
        EXPECTED.replace("```\n3\n```", "```\nno error should be raised here, of course\n```").replace("Actual", "Also"),
        SESSION.replace("\n3\n\nI get `1` instead.", "\n1\n"),
        SESSION.replace("I get `1` instead.", "Nice."),
        TRACEBACK.replace("IndexError", "KeyError"),
        TRACEBACK + "\nThe error message is misleading.",
        RAISED_ON_PURPOSE,
    ],
    ids=[
        "no snippet", "unknown name of the project", "undefined name", "another actual output", "prose as output",
        "session of the bug", "unmarked session", "another exception", "about the message", "exception is wanted",
    ],
)  # fmt: skip
def test_what_is_not_shown_to_be_the_reported_failure_is_not_accepted(issue: str) -> None:
    """A wrong reproduction refuses every right repair, so that doubt is enough."""
    found = found_in(issue)
    assert not found.accepted
    assert found.reason


def test_a_projects_own_way_of_printing_is_not_taken_from_a_session() -> None:
    """Pretty printing depends on the session's settings: a wanted `q'*x` is no proof against `Derivative(q)*x`."""
    files = {**FILES, "demo/core.py": 'class D:\n    def __repr__(self):\n        return "Derivative(q(t), t)*x"\n'}
    issue = "It should give:\n\n>>> from demo.core import D\n>>> D()\nq'(t)*x\n\n"
    assert not reproduce(replace(TASK, problem_statement=issue), LocalSandbox(DictTree(files))).accepted


def test_forgotten_imports_of_the_project_are_filled_in() -> None:
    """A snippet that only lacks the project's own names is completed by them."""
    files = {**FILES, "demo/__init__.py": "from demo.core import add\n"}
    issue = EXPECTED.replace("from demo.core import add\n", "")
    found = reproduce(replace(TASK, problem_statement=issue), LocalSandbox(DictTree(files)))
    assert found.accepted, found.reason


def test_another_exception_in_the_place_of_the_reported_one() -> None:
    """A clumsy one is refused, a deliberate one leaves it to others."""
    found = found_in(TRACEBACK)
    clumsy = judged(found, "def first(items):\n    return items.nothing\n")
    assert clumsy.judgement is Judgement.FAIL
    assert "AttributeError" in clumsy.reason
    meant = judged(found, "def first(items):\n    raise LookupError('empty')\n")
    assert meant.judgement is Judgement.ABSTAIN


LAYOUT = """```python
from demo.core import pair
print(pair(2, 1))
```

Expected:

```
[2,  1]
```

Actual:

```
{}
```
"""


def test_the_expected_parts_in_another_layout_are_left_to_others() -> None:
    """Expected outputs are typed from memory: `[1, 2]` for `[2,  1]` is no refusal where base printed something else."""
    files = {**FILES, "demo/core.py": "def pair(a, b):\n    return [a]\n"}
    sandbox = LocalSandbox(DictTree(files))
    found = reproduce(replace(TASK, problem_statement=LAYOUT.format("[2]")), sandbox)
    assert found.accepted, found.reason
    text = "def pair(a, b):\n    return [b, a]\n"
    one = replace(rewrite(text), diff=_diff(files["demo/core.py"], text))
    assert reproduction_passes(one, case(sandbox=sandbox, reproduction=found)).judgement is Judgement.ABSTAIN


BOX = "class Box:\n    def __init__(self, n):\n        self.n = n\n\n    def __repr__(self):\n        return {}\n"


def test_how_a_project_shows_its_own_objects_ranks_and_does_not_refuse() -> None:
    """Passing speaks for a repair; another way of showing it is left to others; an error is refused."""
    files = {**FILES, "demo/core.py": BOX.format('f"Box(size={self.n - 1})"')}
    sandbox = LocalSandbox(DictTree(files))
    shown = Example("from demo.core import Box\nBox(2)\n", "exec", "Box(size=2)\n")
    draft = ReproductionDraft("expected_output", (shown,), "It is Box(size=1).", marked=True, actual="Box(size=1)")
    found = confirm(draft, sandbox)
    assert found.accepted, found.reason
    assert not found.refuses
    said = []
    for body in ('f"Box(size={self.n})"', 'f"Box[{self.n}]"', "self.nn"):
        text = BOX.format(body)
        one = replace(rewrite(text), diff=_diff(files["demo/core.py"], text))
        said.append(reproduction_passes(one, case(sandbox=sandbox, reproduction=found)).judgement)
    assert said == [Judgement.PASS, Judgement.ABSTAIN, Judgement.FAIL]


def test_plain_values_and_printed_texts_refuse() -> None:
    """They are what a right repair has to give."""
    assert found_in(EXPECTED).refuses
    assert found_in(SESSION).refuses
    assert found_in(TRACEBACK).refuses


def test_where_the_order_is_the_issue_it_counts() -> None:
    """Base printed the right parts in the wrong order: then only the right order passes."""
    files = {**FILES, "demo/core.py": "def pair(a, b):\n    return [b, a]\n"}
    sandbox = LocalSandbox(DictTree(files))
    found = reproduce(replace(TASK, problem_statement=LAYOUT.format("[1, 2]").replace("2,  1", "2, 1")), sandbox)
    assert found.accepted, found.reason
    for shown, judgement in (("[b,  a]", Judgement.FAIL), ("[a, b]", Judgement.PASS)):
        text = f"def pair(a, b):\n    return {shown}\n"
        one = replace(rewrite(text), diff=_diff(files["demo/core.py"], text + "\n"))
        assert reproduction_passes(one, case(sandbox=sandbox, reproduction=found)).judgement is judgement


@pytest.mark.parametrize(
    "line",
    [
        "import os; os._exit(0)",
        "print('PASSED: every output is the expected one'); raise SystemExit(0)",
        "import os; assert 'RAMP_NONCE' not in os.environ; os._exit(0)",
        "import time; time.sleep(60)",
    ],
)
def test_leaving_early_printing_or_hanging_is_no_pass(line: str) -> None:
    """Exit code 0 and printed lines are no verdict, and the nonce is gone from the environment."""
    found = found_in(EXPECTED)
    tree = DictTree(FILES)
    text = f"def add(a, b):\n    {line}\n"
    one = replace(rewrite(text), diff=_diff(FILES["demo/core.py"], text))
    one_case = case(sandbox=LocalSandbox(tree), tree=tree, reproduction=found)
    quick = replace(one_case, settings=replace(one_case.settings, reproduction_timeout_s=3.0))
    finding = reproduction_passes(one, quick)
    assert finding.judgement is Judgement.FAIL
    assert finding.advice


def test_without_an_accepted_reproduction_the_stage_abstains() -> None:
    """None, or one that was not accepted: nothing is run."""
    sandbox = FakeSandbox()
    for found in (None, Reproduction("none", accepted=False, reason="no snippet")):
        assert (
            reproduction_passes(rewrite(REPAIRED), case(sandbox=sandbox, reproduction=found)).judgement
            is Judgement.ABSTAIN
        )
    assert sandbox.commands == []


def test_a_broken_environment_is_told_apart() -> None:
    """INFRA for the candidate; while confirming, a SandboxError."""
    down = SandboxResult(SandboxOutcome.INFRA, None, b"", detail="the engine went away")
    found = Reproduction("traceback", accepted=True, reason="", script="x")
    finding = reproduction_passes(rewrite(REPAIRED), case(sandbox=FakeSandbox(down), reproduction=found))
    assert finding.judgement is Judgement.INFRA
    with pytest.raises(SandboxError, match="went away"):
        reproduce(replace(TASK, problem_statement=EXPECTED), FakeSandbox(down))


def test_a_snippet_that_fails_in_another_way_each_time_is_not_accepted() -> None:
    """Two runs must agree."""
    issue = "```python\nimport time\nprint(time.perf_counter_ns())\n```\nExpected:\n```\n3\n```\n"
    assert not found_in(issue).accepted


def test_the_behaviour_tells_apart_what_was_printed() -> None:
    """Two wrong repairs that print different things fall into different clusters."""
    found = found_in(EXPECTED)
    one = judged(found, "def add(a, b):\n    return a * b\n")
    two = judged(found, "def add(a, b):\n    return a + a\n")
    assert one.behaviour["reproduction"] == two.behaviour["reproduction"] == "failed"
    assert one.behaviour != two.behaviour


def test_a_tracer_tells_what_the_snippet_ran_through() -> None:
    """The rows of the tracer's recorder come back as executed functions, in its order."""
    tracer = (
        "class Recorder(object):\n    def __init__(self, root, seconds, most):\n        self.root = root\n"
        "    def start(self):\n        pass\n    def stop(self):\n        pass\n"
        "    def functions(self, failing):\n        return [['demo/core.py', 'add', 1, 2, [2], 1]]\n"
        "def failing_frames(error):\n    return []\n"
    )
    (function,) = found_in(EXPECTED, tracer_source=tracer).executed
    assert (function.location.path, function.location.qualified_name, function.lines) == ("demo/core.py", "add", (2,))


def test_drafting_is_pure_and_bounded() -> None:
    """Many snippets give at most six drafts, wanted outputs before exceptions."""
    drafts = extract_reproduction(TRACEBACK * 5 + EXPECTED * 5)
    assert len(drafts) <= 6
    assert drafts[0].kind == "expected_output"


def test_a_hanging_candidate_gets_a_multiple_of_the_time_at_base_and_never_more_than_the_setting() -> None:
    """Confirmed with its duration; 10 s at least, since the machine may be busier now."""
    found = found_in(EXPECTED)
    assert found.duration_s > 0
    limits: list[float] = []
    for base_s in (0.0, 0.1, 2.0, 50.0):
        sandbox = FakeSandbox()
        reproduction_passes(rewrite(REPAIRED), case(sandbox=sandbox, reproduction=replace(found, duration_s=base_s)))
        limits.append(sandbox.commands[0].timeout_s)
    assert limits == [60.0, 10.0, 40.0, 60.0]
