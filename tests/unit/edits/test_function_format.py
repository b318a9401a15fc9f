"""The function format: which definition is meant, and what comes with it."""

# ruff: noqa: E501  (a row of a table is one case)

from __future__ import annotations

import pytest

from orchestrator.edits.trees import MappingTree
from tests.unit.edits.helpers import SHOP, after, landed, read, refused, tree_of

BODY = '    def price(self, item, count=1):\n        """Price of several."""\n        return 7\n'
WANTED = SHOP.replace(
    b"        total = 0\n        for part in item.parts:\n            total += part.price\n        return total * count\n",
    b"        return 7\n",
)
FLAT = "".join(line.removeprefix("    ") + "\n" for line in BODY.split("\n")[:-1])


@pytest.mark.parametrize(
    "header",
    [
        "### src/shop.py :: Shop.price", "src/shop.py::Shop::price", "**src/shop.py: Shop.price**", "`src/shop.py` - `Shop.price`",
        "### /testbed/src/shop.py :: Shop.price(self, item)", "File: src/shop.py", "Here is the corrected `Shop.price` in `src/shop.py`:",
        "### src.shop :: Shop.price", "### src/shop.py :: price", "### src\\shop.py :: def price", "Here is the corrected code:", "",
    ],
)  # fmt: skip
@pytest.mark.parametrize("code", [BODY, FLAT, "class Shop:\n" + BODY, FLAT.replace("\n    ", "\n        ")])
def test_a_method_is_found_however_it_is_announced(header: str, code: str) -> None:
    """The header may be loose or missing, the method indented, at the margin or inside its class."""
    assert after("function", f"{header}\n```python\n{code}```\n", None, "src/shop.py") == WANTED


@pytest.mark.parametrize(
    "reply",
    [
        f"### src/shop.py :: Shop.price\n```python\n{BODY}",
        f"{FLAT}\nThis returns seven.\n",
        f"```\n# src/shop.py\n{BODY}```",
    ],
    ids=["no_closing_fence", "no_fence", "path_in_comment"],
)
def test_fences_may_be_missing(reply: str) -> None:
    """Code without a fence or without its end is still code."""
    assert after("function", reply, None, "src/shop.py") == WANTED


def test_imports_and_helpers_come_along() -> None:
    """New imports that are used go to the top, a new helper before the class; known and unused imports do not."""
    code = "import math\nimport os\nimport json\n\ndef _cut(x):\n    return math.floor(x)\n\n" + FLAT.replace(
        "return 7", "return _cut(7)"
    )
    new = after("function", f"### src/shop.py :: Shop.price\n```python\n{code}```\n").decode()
    assert new.startswith(
        '"""Doc."""\nimport os\nimport math\n\n\ndef _cut(x):\n    return math.floor(x)\n\n\nclass Shop:'
    )
    assert "json" not in new
    assert "return _cut(7)" in new


def test_a_helper_method_goes_into_the_class() -> None:
    """What the method calls on self becomes a method."""
    code = "    def _seven(self):\n        return 7\n\n" + BODY.replace("return 7", "return self._seven()")
    new = after("function", f"### src/shop.py :: Shop.price\n```python\n{code}```\n").decode()
    assert "        self._open = value\n\n    def _seven(self):\n        return 7\n\n    def price(self" in new


@pytest.mark.parametrize(("decorator", "line"), [("@property\n", 14), ("@open.setter\n", 18)])
def test_getter_and_setter_are_told_apart_by_their_decorators(decorator: str, line: int) -> None:
    """Both have the same qualified name."""
    arguments = "self" if "property" in decorator else "self, value"
    code = f"{decorator}def open(self{arguments[4:]}):\n    return 99\n"
    new = after("function", f"### src/shop.py :: Shop.open\n```python\n{code}```\n").decode().split("\n")
    assert new[line - 1] == "        return 99"
    assert sum("return 99" in x for x in new) == 1


def test_a_property_without_its_decorator_keeps_it() -> None:
    """Models leave decorators out; the parameters tell which one is meant."""
    done = landed("function", "### src/shop.py :: Shop.open\n```python\ndef open(self):\n    return 99\n```\n")
    assert b"    @property\n    def open(self):\n        return 99\n" in (done.changes[0].after or b"")
    assert "decorators_kept" in done.landings[0].rung


def test_overloads_keep_their_stubs() -> None:
    """The implementation is the one without @overload."""
    source = b"from typing import overload\n\n\n@overload\ndef f(x: int) -> int: ...\n@overload\ndef f(x: str) -> str: ...\ndef f(x):\n    return x\n"
    new = after(
        "function", "### a.py :: f\n```python\ndef f(x):\n    return x or None\n```\n", MappingTree({"a.py": source})
    )
    assert new == source.replace(b"    return x\n", b"    return x or None\n")


def test_nested_functions_have_dotted_names() -> None:
    """`outer.inner` is the function inside the function, at its own indentation."""
    source = b"def outer():\n    def inner():\n        return 1\n    return inner\n"
    new = after(
        "function",
        "### a.py :: outer.<locals>.inner\n```python\ndef inner():\n    return 2\n```\n",
        MappingTree({"a.py": source}),
    )
    assert new == source.replace(b"return 1", b"return 2")


def test_a_whole_class_is_replaced() -> None:
    """A class that is written whole may change anything."""
    code = "class Stand(Shop):\n    wheels = 2\n\n    def close(self):\n        self.open = None\n"
    new = after("function", f"### src/shop.py :: Stand\n```python\n{code}```\n")
    assert new == SHOP.replace(
        b"    def close(self):\n        self.open = False",
        b"    wheels = 2\n\n    def close(self):\n        self.open = None",
    )


def test_a_class_that_lacks_methods_is_only_a_wrapper() -> None:
    """The other methods stay."""
    reply = f"### src/shop.py :: Shop\n```python\nclass Shop:\n    # ... existing code ...\n\n{BODY}```\n"
    assert after("function", reply) == WANTED


def test_elided_lines_are_filled_in_from_the_file() -> None:
    """`# ...` in a rewritten function stands for the file's own lines, where both its ends are clear."""
    code = "def price(self, item, count=1):\n    # ... existing code ...\n    return total * count + 1\n"
    assert after("function", f"### src/shop.py :: Shop.price\n```python\n{code}```\n") == SHOP.replace(
        b"total * count", b"total * count + 1"
    )


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("### src/shop.py :: Shop.prize\n```python\ndef prize(self):\n    pass\n```", "no_such_definition"),
        ("### src/shop.py :: Shop.price\n```python\ndef other(self):\n    pass\n```", "wrong_definition"),
        ("### src/shop.py :: Shop.price\n```python\ndef price(self:\n    pass\n```", "syntax_error"),
        ("### src/shop.py :: Shop.price\n```python\n# ...\ndef price(self):\n    a()\n    # ... rest ...\n    b()\n```", "elided"),
        ("### src/nowhere.py :: f\n```python\ndef f():\n    pass\n```", "no_such_file"),
        ("### ../shop.py :: f\n```python\ndef f():\n    pass\n```", "unsafe_path"),
        ("```python\ndef unknown():\n    pass\n```", "no_path"),
        ("### src/shop.py\n```python\nx = 1\n```", "no_definition"),
        ("Nothing to do.", "no_code"),
        ("### src/shop.py :: helper\n```python\ndef helper(x):\n    return x + 1\n```", "no_change"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused(reply: str, code: str) -> None:
    """Each refusal has a stable code."""
    assert refused("function", reply).code == code


def test_a_name_in_two_classes_is_refused_with_both() -> None:
    """Without the class the method is ambiguous, unless one is much more alike."""
    source = b"class A:\n    def go(self):\n        return 1\n\n\nclass B:\n    def go(self):\n        return 2\n"
    found = refused(
        "function", "### a.py :: go\n```python\ndef go(self):\n    return 3\n```", MappingTree({"a.py": source})
    )
    assert found.code == "ambiguous"
    assert "A.go (line 2)" in found.message
    assert "B.go (line 7)" in found.message


def test_a_docstring_keeps_its_own_indentation() -> None:
    """Lines of a string that the file has as they are do not move with the code."""
    source = b'class A:\n    def go(self):\n        return """one\n  two\n"""\n'
    code = 'def go(self):\n    check()\n    return """one\n  two\n"""\n'
    new = after("function", f"### a.py :: A.go\n```python\n{code}```", MappingTree({"a.py": source}))
    assert new == b'class A:\n    def go(self):\n        check()\n        return """one\n  two\n"""\n'


def test_unchanged_blocks_are_dropped_beside_changed_ones() -> None:
    """A model that repeats a function as it is meant no edit by it."""
    reply = f"### src/shop.py :: helper\n```python\ndef helper(x):\n    return x + 1\n```\n\n### src/shop.py :: Shop.price\n```python\n{BODY}```\n"
    edits = read("function", reply, tree_of())
    assert len(edits.edits) == 1
    assert "unchanged_block" in edits.salvage
