"""Clues in problem statements."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.localize.evidence import READ_LIMIT_CHARACTERS, read_clues

ISSUE = """Circle.area() ignores `unit_scale`

I call `parse_shape` in shop/shapes.py, see https://example.org/a/blob/0123abc/shop/basket.py#L12

```python
from shop.shapes import Circle
Circle(2).area(unit_scale=3)
```

>>> shop.basket.total_price([])
0

Traceback (most recent call last):
  File "/usr/lib/python3/site-packages/shop/basket.py", line 7, in total_price
    return sum(items)
  File "/usr/lib/python3/site-packages/shop/shapes.py", line 19, in area
    return math.pi
shop.errors.ShapeError: unknown kind of shape

Happens with `--strict-mode` on 3.11.
<!-- template text about ConfusingName -->
"""


def test_each_kind_of_clue_is_found() -> None:
    """Title, frames with depth, paths, links, dotted names, symbols, messages, options and versions."""
    clues = read_clues(ISSUE)
    assert clues.title == "Circle.area() ignores `unit_scale`"
    assert [(f.path.rsplit("/", 1)[-1], f.line, f.function, f.depth) for f in clues.frames] == [
        ("basket.py", 7, "total_price", 1),
        ("shapes.py", 19, "area", 0),
    ]
    assert "shop/shapes.py" in clues.paths
    assert clues.links == (("shop/basket.py", 12),)
    assert "shop.basket.total_price" in clues.dotted
    assert "unit_scale" in clues.quoted
    assert ("ShapeError", "unknown kind of shape") in clues.errors
    assert clues.options == ("strict-mode",)
    assert clues.versions == ("3.11",)
    assert "Circle(2).area" in clues.code
    assert "shop.basket.total_price([])" in clues.code


def test_templates_and_code_are_kept_out_of_the_prose() -> None:
    """Comments are dropped, and code counts as code."""
    clues = read_clues(ISSUE)
    assert "ConfusingName" not in clues.text
    assert "unit_scale=3" not in clues.prose


def test_pytest_tracebacks_count_as_frames() -> None:
    """Paths with line numbers, as pytest prints them."""
    clues = read_clues("It fails\n\nshop/basket.py:12: in add\n    x\nshop/shapes.py:3: ShapeError\n")
    assert [(f.path, f.line, f.function) for f in clues.frames] == [
        ("shop/basket.py", 12, "add"),
        ("shop/shapes.py", 3, ""),
    ]


def test_an_empty_issue_is_noted() -> None:
    """Nothing is found and the notes say why."""
    assert read_clues(" \n ").notes == ("the problem statement is empty",)


def test_a_very_long_issue_is_read_in_part_and_quickly() -> None:
    """200 kB take well under a second, and the notes say how much was read."""
    for filler in ("word " * 40_000, "a" * 200_000, "`" * 200_000, '"a.b' * 50_000, 'File "' * 40_000, "/x" * 100_000):
        started = time.perf_counter()
        clues = read_clues("Title\n" + filler)
        assert time.perf_counter() - started < 3
        assert f"{READ_LIMIT_CHARACTERS:,} were read" in clues.notes[0]


@given(st.text(max_size=500))
def test_any_text_can_be_read(text: str) -> None:
    """No problem statement breaks the reader, and reading is deterministic."""
    assert read_clues(text) == read_clues(text)


@pytest.mark.parametrize(
    ("issue", "kinds"),
    [
        ("The total is wrong", ()),
        ("`shop.basket` is slow", ("dotted",)),
        ("It crashes\n\nTypeError: no", ("error",)),
        ("shop.basket crashes\n\nTypeError: no", ("error", "dotted")),
    ],
)
def test_kinds_of_an_issue(issue: str, kinds: tuple[str, ...]) -> None:
    """An error that is printed, and a dotted name."""
    assert read_clues(issue).kinds == kinds
