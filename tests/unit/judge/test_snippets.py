"""Reading an issue's Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.judge.drafts import extract_reproduction
from orchestrator.judge.snippets import blocks, raised, session_examples, stance


def kinds(text: str) -> list[str]:
    """The kinds of a text's blocks."""
    return [block.kind for block in blocks(text)]


def test_fences_indents_sessions_and_bare_tracebacks_are_told_apart() -> None:
    """Each of the ways in which people paste code."""
    text = (
        "Intro\n```python\nimport a\na.f()\n```\nprose\n\n    >>> f()\n    1\n\nmore\n\n"
        'Traceback (most recent call last):\n  File "x", line 1, in f\nValueError: no\n\nend\n```\n[1, 2]\n```\n'
    )
    assert kinds(text) == ["prose", "python", "prose", "session", "prose", "traceback", "prose", "output"]


def test_an_unclosed_fence_runs_to_the_end() -> None:
    """The rest of the text is code."""
    assert kinds("see\n```\nimport a\na.f()\n") == ["prose", "python"]


def test_code_with_its_traceback_below_becomes_two_blocks() -> None:
    """One fence, two things."""
    body = "import a\na.f()\nTraceback (most recent call last):\n  ...\na.errors.NoGood: bad\nKeyError: 'x'"
    assert kinds(f"```\n{body}\n```") == ["python", "traceback"]


def test_comments_of_the_issues_template_are_left_out() -> None:
    """What GitHub does not show is not there."""
    assert kinds("<!-- ```python\nimport a\n``` -->\nwords") == ["prose"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Expected:", "expected"),
        ("### Expected behaviour", "expected"),
        ("It should print", "expected"),
        ("It should print 3 but prints", "actual"),
        ("Actual:", "actual"),
        ("What I get:", "actual"),
        ("This is not what I expected:", ""),
        ("Here is some code", ""),
    ],
)
def test_a_line_beside_a_block_says_whether_it_is_wanted(line: str, said: str) -> None:
    """Words of wish and of complaint, and a wish that turns into a complaint."""
    assert stance(line) == said


def test_the_exception_of_a_traceback_is_its_last() -> None:
    """Also dotted, in pytest's form, and with IPython's heading."""
    assert raised("ValueError: a\n\nDuring handling...\n\npkg.errors.OtherError: b") == ("OtherError", "b")
    assert raised("E   KeyError: 'x'") == ("KeyError", "'x'")
    assert raised("TypeError      Traceback (most recent call last)\n<ipython>")[0] == "TypeError"
    assert raised("nothing here") == ("", "")


def test_ipython_sessions_read_like_the_interpreters() -> None:
    """In and Out prompts, continuation dots, values."""
    found = session_examples("In [1]: x = (1 +\n   ...: 2)\n\nIn [2]: x\nOut[2]: 3\n")
    assert [(e.source, e.want) for e in found] == [("x = (1 +\n2)\n", None), ("x\n", "3\n")]


def test_sessions_with_tracebacks_name_the_exception() -> None:
    """A qualified name is cut to its last part, as interpreters differ in it."""
    (example,) = session_examples(">>> f()\nTraceback (most recent call last):\n  ...\npkg.err.BadThing: no\n")
    assert example.want_exception == "BadThing"


def test_a_broken_session_gives_nothing() -> None:
    """Inconsistent indentation is not guessed at."""
    assert session_examples(">>> if x:\n...     y\n  bad\n>>>x\n") is not None


@given(st.text(alphabet="`~>\n .abIn[1]:=()TracebkErro", max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever is written, reading ends in a tuple of at most six drafts."""
    assert len(extract_reproduction(text)) <= 6
