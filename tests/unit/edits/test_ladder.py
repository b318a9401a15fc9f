"""The matching ladder: what each rung finds, what it puts there, and what is refused."""

# ruff: noqa: E501  (a row of a table is one case)

from __future__ import annotations

import pytest

from orchestrator.edits.ladder import RUNGS, find_place
from orchestrator.edits.places import Place
from orchestrator.records import EditRefusal
from tests.unit.edits.helpers import SHOP

FILE = SHOP.decode().split("\n")[:-1]


def place(file: str, search: str, replace: str) -> tuple[str, str]:
    """The file after the replacement, and the rung."""
    lines = file.split("\n")
    found = find_place(lines, search.removesuffix("\n").split("\n"), replace.removesuffix("\n").split("\n"))
    assert isinstance(found, Place), found
    return "\n".join([*lines[: found.start], *found.lines, *lines[found.end :]]), found.rung


def refusal(file: str, search: str, replace: str = "x\n") -> EditRefusal:
    """The refusal of a search text that has no one place."""
    found = find_place(file.split("\n"), search.removesuffix("\n").split("\n"), replace.removesuffix("\n").split("\n"))
    assert isinstance(found, EditRefusal), found
    return found


@pytest.mark.parametrize(
    ("file", "search", "replace", "expected", "rung"),
    [
        ("a = 1\nb = 2\n", "b = 2\n", "b = 3\n", "a = 1\nb = 3\n", "exact"),
        ("a = 1\nb = 2\n", "\nb = 2\n\n", "\nb = 3\n\n", "a = 1\nb = 3\n", "exact"),
        ("a = 1\nb = 2\nc\n", "a = 1  \nb = 2 \n", "a = 1  \nb = 3 \n", "a = 1\nb = 3\nc\n", "whitespace"),
        ("if a:\n\tb = 2\n\tc = 3\n", "if a:\n    b = 2\n", "if a:\n    b = 4\n", "if a:\n\tb = 4\n\tc = 3\n", "whitespace"),
        ("    one\n    two\n    six\n", "one\ntwo\n", "uno\ndos\n", "    uno\n    dos\n    six\n", "indent_shift"),
        ("    one\n    two\n        six\n", "two\n    six\n", "2\n    6\n", "    one\n    2\n        6\n", "indent_shift"),
        ("    one\n    two\n    six\n", " one\n two\n", " uno\n     dos\n", "    uno\n        dos\n    six\n", "indent_shift"),
        ("\tif a:\n\t\tbcd()\n", "if a:\n    bcd()\n", "if a:\n    bcd(1)\n    e()\n", "\tif a:\n\t\tbcd(1)\n\t\te()\n", "indent_shift"),
        ("if a:\n    if b:\n        c()\n", "if a:\n  if b:\n    c()\n", "if a:\n  if b:\n    d()\n", "if a:\n    if b:\n        d()\n", "relative_indent"),
        ("x()\n    if b:\n        c()\n", "if b:\n        c()\n", "if b:\n        d()\n", "x()\n    if b:\n        d()\n", "relative_indent"),
        ("y = call(first_name, other)\n", "first_name, other\n", "first_name, None\n", "y = call(first_name, None)\n", "fragment"),
        ("f(one,\n  two,\n  three)\nz\n", "f(one, two, three)\n", "f(one, two)\n", "f(one, two)\nz\n", "layout"),
        ("print('alpha')\nb = 'beta'\nz\n", 'print("alpha")\nb = "beta"\n', 'print("alpha")\nb = "gamma"\n', "print('alpha')\nb = \"gamma\"\nz\n", "layout"),
        ("alpha = 1\n# why\n\nbeta = 2\nz\n", "alpha = 1\nbeta = 2\n", "alpha = 1\nbeta = 3\n", "alpha = 1\n# why\n\nbeta = 3\nz\n", "layout"),
    ],
)  # fmt: skip
def test_each_rung_puts_the_replacement_as_the_file_is_written(
    file: str, search: str, replace: str, expected: str, rung: str
) -> None:
    """A search text that differs in layout lands where it belongs, and the replacement takes the file's own layout."""
    assert place(file, search, replace) == (expected, rung)
    assert rung in RUNGS


def test_a_replacement_keeps_what_the_model_did_not_change() -> None:
    """Lines equal in search and replacement stay as the file has them, also where the search text has them wrong."""
    search = "    def price(self, item, count=1):\n        total = 0\n        for part in item.parts:\n            total += part.cost\n        return total * count\n"
    new, rung = place("\n".join(FILE), search, search.replace("total * count", "total * max(count, 1)"))
    assert rung in {"similarity", "syntax_node"}
    assert '"""Price of several."""' in new
    assert "total += part.price" in new
    assert "return total * max(count, 1)" in new


def test_elided_lines_stay() -> None:
    """`...` on both sides stands for lines of the file that do not change."""
    new, rung = place(
        "\n".join(FILE),
        "    def price(self, item, count=1):\n...\n        return total * count\n",
        "    def price(self, item, count=2):\n...\n        return total\n",
    )
    assert rung == "elision"
    assert new == "\n".join(FILE).replace("count=1", "count=2").replace("return total * count", "return total")


def test_an_elision_on_one_side_only_is_refused() -> None:
    """It cannot be told whether the elided lines are to go."""
    assert (
        refusal("\n".join(FILE), "    def price(self, item, count=1):\n...\n        return total * count\n").code
        == "elision_unpaired"
    )


@pytest.mark.parametrize("wrap", ["numbers", "marks", "fences", "pluses"])
def test_what_models_wrap_code_in_comes_off(wrap: str) -> None:
    """Line numbers, diff marks and fences are no part of the code."""
    sides = {
        "numbers": ("  7 | alpha = 1\n  8 | beta = 2\n", "  7 | alpha = 1\n  8 | beta = 3\n"),
        "marks": (" alpha = 1\n-beta = 2\n", " alpha = 1\n+beta = 3\n"),
        "fences": ("```python\nalpha = 1\nbeta = 2\n```\n", "```python\nalpha = 1\nbeta = 3\n```\n"),
        "pluses": ("alpha = 1\nbeta = 2\n", "alpha = 1\n-beta = 2\n+beta = 3\n"),
    }
    assert place("alpha = 1\nbeta = 2\ngamma = 3\n", *sides[wrap])[0] == "alpha = 1\nbeta = 3\ngamma = 3\n"


@pytest.mark.parametrize("search", ["line1\n", "  line1\n", "line1 \n"])
def test_two_places_are_refused_with_their_lines(search: str) -> None:
    """An ambiguous text is never placed, and the refusal lists where it could go."""
    found = refusal("line1\nline2\nline1\nline3\n", search)
    assert found.code == "ambiguous"
    assert "lines 1, 3" in found.message


def test_twins_are_not_told_apart_by_a_guess() -> None:
    """A drifted text that fits two near-identical functions is refused."""
    twin = "def {0}(path):\n    rows = load(path)\n    found = []\n    for row in rows:\n        found.append(row)\n    return found\n\n\n"
    file = twin.format("alpha") + twin.format("alphb")
    assert refusal(file, twin.format("alphc").strip() + "\n").code in {"not_found", "ambiguous"}


def test_a_text_that_is_nowhere_is_refused_with_the_nearest_place() -> None:
    """The refusal shows the closest lines with their numbers."""
    found = refusal("\n".join(FILE), "for piece in item.pieces:\n    totals += piece.cost\n    log(piece)\n")
    assert found.code == "not_found"
    assert "23 |" in found.nearest


def test_a_replacement_that_is_there_already_is_said_to_be() -> None:
    """A model that repeats its last edit learns that it was made."""
    assert refusal("a = 2\nb = 3\n", "a = 1\nb = 1\n", "a = 2\nb = 3\n").code == "already_there"


def test_a_prefix_of_a_line_is_not_a_fragment_of_it() -> None:
    """`return value` must not be replaced inside `return value + 1`."""
    assert isinstance(find_place(["    return value + 1"], ["return value"], ["return other"]), EditRefusal)


def test_an_empty_search_text_names_no_place() -> None:
    """Blank lines are everywhere."""
    assert refusal("a\n\nb\n", "\n\n").code == "empty_search"
