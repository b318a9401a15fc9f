"""Nothing of the file is lost to a placeholder: it is filled in, or the edit is refused."""

from __future__ import annotations

import pytest

from orchestrator.edits.elision import is_elision, left_out, restored
from tests.unit.edits.helpers import SHOP, after, block, refused, tree_of

PRICE = "        total = 0\n        for part in item.parts:\n            total += part.price\n        return total * count\n"


@pytest.mark.parametrize(
    "line",
    [
        "...", "    # ...", "# ... existing code ...", "[...]", "# (...)", "# existing code", "# Rest of the function", "# rest",
        "# code omitted for brevity", "# as before", "# [snip]", "# No changes below", "pass  # existing code", "# etc.",
        "# Existing code remains unchanged", "# The rest stays the same", "# same as the original", "# other methods unchanged",
        "# your existing logic here", "# (unchanged)", "<!-- rest of the file -->", "// ... other imports ...",
    ],
)  # fmt: skip
def test_placeholders_are_recognised(line: str) -> None:
    """Dots, and the words that models use for them."""
    assert is_elision(line)


@pytest.mark.parametrize(
    "line",
    [
        "pass", "x = ...", "# the next one", "# other values are not counted", "# existing = 3", "# original sin",
        "return x  # same",
        "# keep the order of arguments", "# previous value wins",
        "# see the documentation of the rest call for how this is done well",
    ],
)  # fmt: skip
def test_comments_of_the_code_are_not(line: str) -> None:
    """A comment that says something about the code is code."""
    assert not is_elision(line)


@pytest.mark.parametrize(
    "placeholder",
    ["# existing code", "# ... rest of the method ...", "# code omitted for brevity", "pass  # unchanged code"],
)
@pytest.mark.parametrize("form", ["function", "search-replace"])
def test_a_placeholder_stands_for_the_lines_that_it_leaves_out(placeholder: str, form: str) -> None:
    """The new first line lands, what the placeholder stands for stays."""
    head = '    def price(self, item, count=1):\n        """Price of several."""\n'
    new = f"{head}        total = 1\n        {placeholder}\n        return total * count\n"
    reply = f"### src/shop.py :: Shop.price\n```python\n{new}```\n" if form == "function" else block(head + PRICE, new)
    assert after(form, reply) == SHOP.replace(b"total = 0", b"total = 1")


@pytest.mark.parametrize("form", ["function", "search-replace"])
def test_a_placeholder_without_an_anchor_is_refused(form: str) -> None:
    """Where it cannot be told which lines are meant, nothing lands."""
    new = "    def price(self, item, count=1):\n        start()\n        # existing code\n        finish()\n"
    head = '    def price(self, item, count=1):\n        """Price of several."""\n'
    reply = f"### src/shop.py :: Shop.price\n```python\n{new}```\n" if form == "function" else block(head + PRICE, new)
    assert refused(form, reply).code == "elided"


def test_a_new_stub_is_no_placeholder() -> None:
    """`...` as the body of a definition that the file does not have is code."""
    assert not left_out(["def new():", "    ..."], ["def old():", "    return 1"])
    assert left_out(["def old():", "    ..."], ["def old():", "    return 1"])
    reply = block("def helper(x):\n", "def stub():\n    ...\n\n\ndef helper(x):\n")
    assert after("search-replace", reply) == SHOP.replace(b"def helper", b"def stub():\n    ...\n\n\ndef helper")


def test_a_comment_that_only_looks_like_one_stays() -> None:
    """Where nothing is left out between its neighbours, the words are the model's own comment."""
    original = ["def f():", "    a = 1", "    return a"]
    new = ["def f():", "    a = 2", "    # remaining lines", "    return a"]
    assert restored(new, original) == tuple(new)


def test_a_whole_file_that_ends_too_early_keeps_its_tail() -> None:
    """A closed fence is no proof that the file was written to its end."""
    head = SHOP.decode().split("def helper")[0].replace("total = 0", "total = 1")
    assert after("whole-file", f"### src/shop.py\n```python\n{head}```\n") == SHOP.replace(b"total = 0", b"total = 1")


def test_a_definition_may_be_left_out_in_the_middle() -> None:
    """A file that is written to its end without one definition has lost it on purpose."""
    without = SHOP.decode().replace("class Stand(Shop):\n    def close(self):\n        self.open = False\n\n\n", "")
    assert after("whole-file", f"### src/shop.py\n```python\n{without}```\n") == without.encode()


def test_a_divider_said_twice_above_nothing_is_a_deletion() -> None:
    """`=======` is never written into the file."""
    reply = block("def helper(x):\n    return x + 1\n", "=======\n")
    assert after("search-replace", reply) == SHOP.replace(b"def helper(x):\n    return x + 1\n", b"")


def test_a_new_file_over_one_that_exists_is_refused() -> None:
    """A diff against /dev/null does not replace what is there."""
    reply = "```diff\n--- /dev/null\n+++ b/src/shop.py\n@@ -0,0 +1 @@\n+x = 1\n```\n"
    assert refused("search-replace", reply, tree_of()).code == "exists"
