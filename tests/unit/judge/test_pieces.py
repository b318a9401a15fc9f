"""All code of an issue, as evidence: what is found, and what is left alone."""

import pytest

from orchestrator.judge.pieces import Piece, code_runs, pieces_of

TICKET = """Child does not sort
Description

Given the following model definition:
from django.db import models
class Parent(models.Model):
\tclass Meta:
\t\tordering = ["-pk"]
class Child(Parent):
\tpass
Querying the child sorts upwards.
It should sort downwards. In app.py it does not:
Traceback (most recent call last):
  File "app.py", line 3, in run
    rows = list(Child.objects.all())
ValueError: no
"""


def sources(issue: str, kind: str = "code") -> list[str]:
    """The pieces of one kind."""
    return [piece.source for piece in pieces_of(issue) if piece.kind == kind]


def test_a_ticket_without_fences_gives_its_code_whole() -> None:
    """Lines that parse are taken together, with their own indentation; prose and a traceback's lines are not."""
    (found,) = sources(TICKET)
    assert found.startswith("from django.db import models\nclass Parent")
    assert found.endswith("class Child(Parent):\n\tpass\n")


def test_blocks_and_sessions_come_in_the_order_of_the_text() -> None:
    """A fenced block, and a session without its prompts and outputs."""
    issue = "Title\n\n```python\na = first()\n```\n\n```\n>>> b = a + 1\n>>> print(b)\n2\n```\n"
    assert sources(issue) == ["a = first()\n", "b = a + 1\n\nprint(b)\n"]


def test_calls_in_prose_are_found_with_and_without_backticks() -> None:
    """A call with something in it, or on something; the closing bracket is the matching one."""
    issue = "bell(n).limit(n, oo) should be oo\n\nAlso `Mod(x**2, x)` is odd, and f() and os.path are not of interest."
    assert sources(issue, "inline") == ["Mod(x**2, x)\n", "bell(n).limit(n, oo)\n"]


def test_a_call_that_stands_in_a_block_is_not_run_twice() -> None:
    """What the prose repeats of the code is left out."""
    assert not sources("Why does `first([1])` fail?\n\n```python\nx = first([1])\n```\n", "inline")


def test_a_test_module_is_also_run_as_one() -> None:
    """A block with tests is code, whose definitions run, and a module for pytest."""
    issue = "```python\nimport pytest\n\ndef test_a():\n    assert 1 == 2\n```\n"
    assert [piece.kind for piece in pieces_of(issue)] == ["code", "test"]


@pytest.mark.parametrize("issue", ["", "Nothing to run.", "It is not = right", "```\nplain output\n```", "f(\n" * 3000])
def test_prose_is_no_code(issue: str) -> None:
    """Nothing that does something: nothing to run, and in good time."""
    assert pieces_of(issue) == ()


def test_no_more_pieces_than_bounded() -> None:
    """An issue of a thousand blocks gives forty pieces."""
    assert len(pieces_of("".join(f"text\n\n```python\na{n} = f({n})\n```\n\n" for n in range(1000)))) == 40


def test_lines_beside_code_stay_prose() -> None:
    """What is not part of a run is given back as it is."""
    runs, rest = code_runs("See here:\nx = f(1)\nprint(x)\nand so on")
    assert runs == ("x = f(1)\nprint(x)\n",)
    assert rest == "See here:\nand so on"
    assert Piece("code", runs[0]) == Piece("code", "x = f(1)\nprint(x)\n")
