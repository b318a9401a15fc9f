"""Blocks about classes, two versions of one thing, and characters that a chat changes."""

from __future__ import annotations

from tests.unit.edits.helpers import SHOP, after, block, landed, read, refused, tree_of

CLOSE = "    def close(self):\n        self.open = None\n"
CLOSED = SHOP.replace(b"self.open = False", b"self.open = None")


def _block(name: str, code: str) -> str:
    return f"### src/shop.py :: {name}\n```python\n{code}```\n"


def test_a_method_under_the_name_of_its_class_replaces_the_method() -> None:
    """Never the class, which would lose its other methods."""
    assert after("function", _block("Stand", CLOSE)) == CLOSED
    assert read("function", _block("Stand", CLOSE), tree_of()).salvage == ("method_of_class",)


def test_a_new_method_under_the_name_of_its_class_is_added() -> None:
    """It takes self, so it belongs there."""
    found = after("function", _block("Stand", "def sell(self):\n    return 1\n"))
    assert b"        self.open = False\n\n    def sell(self):\n        return 1\n" in found


def test_a_function_under_the_name_of_a_class_is_refused() -> None:
    """It is not told where it should go."""
    assert refused("function", _block("Stand", "def sell(count):\n    return 1\n")).code == "wrong_definition"


def test_a_wrapper_may_not_change_what_would_be_lost() -> None:
    """Bases and attributes that differ from the file's are refused; the same ones are not."""
    price = "    def price(self, item):\n        return 1\n"
    assert refused("function", _block("Shop", f"class Shop(Base):\n{price}")).code == "incomplete_class"
    assert refused("function", _block("Shop", f"class Shop:\n    rate = 2\n\n{price}")).code == "incomplete_class"
    assert b"return 1" in after("function", _block("Shop", f'class Shop:\n    """A shop."""\n\n{price}'))


def test_two_versions_are_refused_unless_the_words_say_which() -> None:
    """A later one that is called better counts; "or" does not tell."""
    one, two = _block("helper", "def helper(x):\n    return 1\n"), _block("helper", "def helper(x):\n    return 2\n")
    assert refused("function", f"{one}Or:\n{two}").code == "conflict"
    assert after("function", f"{one}Actually, a better version:\n{two}") == SHOP.replace(b"return x + 1", b"return 2")
    assert after("function", f"The current code is:\n{one}So:\n{two}") == SHOP.replace(b"return x + 1", b"return 2")


def test_two_replacements_of_one_text_are_refused() -> None:
    """The reason names the text."""
    found = refused(
        "search-replace", block("    return x + 1\n", "    return 1\n") + block("    return x + 1\n", "    return 2\n")
    )
    assert (found.code, "return x + 1" in found.message) == ("conflict", True)


def test_a_static_method_that_takes_self_loses_its_decorator() -> None:
    """Decorators that were left out are kept only where they fit the parameters."""
    data = b"class A:\n    @staticmethod\n    def f(n):\n        return n\n"
    reply = "### src/shop.py :: A.f\n```python\ndef f(self, n):\n    return self.n\n```\n"
    assert after("function", reply, tree_of(data)) == b"class A:\n    def f(self, n):\n        return self.n\n"
    kept = reply.replace("self, n", "n").replace("self.n", "n + 1")
    assert after("function", kept, tree_of(data)) == data.replace(b"return n", b"return n + 1")


def test_escaped_brackets_are_unescaped_where_all_are() -> None:
    """A file that holds entities itself, or a reply that writes both, is taken as it is."""
    reply = _block("helper", "def helper(x):\n    return x &gt; 1\n")
    assert after("function", reply, tree_of(), "src/shop.py") == SHOP.replace(b"x + 1", b"x > 1")
    own = SHOP + b'AMP = "&amp;"\n'
    assert b"x &gt; 1" in after("function", reply, tree_of(own), "src/shop.py")
    both = _block("helper", 'def helper(x):\n    return x < 2 and "a&lt;"\n')
    assert b'x < 2 and "a&lt;"' in after("function", both, tree_of(), "src/shop.py")


def test_indentation_by_other_blanks_is_read() -> None:
    """No-break spaces come from copied web pages."""
    reply = _block("helper", "def helper(x):\n\u00a0\u00a0\u00a0\u00a0return 1\n")
    assert after("function", reply, tree_of(), "src/shop.py") == SHOP.replace(b"x + 1", b"1")


def test_a_definition_written_as_a_diff_lands() -> None:
    """Removed lines go, marks come off, whether or not unchanged lines carry their blank."""
    for same in ("def helper(x):\n", " def helper(x):\n"):
        reply = _block("helper", f"{same}-    return x + 1\n+    return x + 2\n")
        assert after("function", reply) == SHOP.replace(b"x + 1", b"x + 2")


def test_prose_in_a_fence_that_was_never_closed_is_cut_off() -> None:
    """The sentence behind the code is not code."""
    reply = _block("helper", "def helper(x):\n    return x + 2\n\nThis fixes the sum for all callers.\n").removesuffix(
        "```\n"
    )
    done = landed("function", reply)
    assert done.changes[0].after == SHOP.replace(b"x + 1", b"x + 2")


def test_names_that_only_the_model_knows_are_not_brought_in() -> None:
    """A search text remembered with other names lands only where the new lines do not use them."""
    old = "        amount = 0\n        for part in item.parts:\n            amount += part.price\n        return amount * count\n"
    found = refused("search-replace", block(old, old.replace("part.price", "part.price + amount")))
    assert found.code == "not_found"
    assert "22 |" in found.nearest


def test_whole_definitions_are_read_where_blocks_were_asked_for() -> None:
    """A model that falls back to the format it had before is understood; what cannot be placed is told the format."""
    reply = _block("helper", "def helper(x):\n    return x + 2\n")
    assert after("search-replace", reply) == SHOP.replace(b"x + 1", b"x + 2")
    assert read("search-replace", reply, tree_of()).salvage == ("other_format",)
    assert refused("search-replace", _block("helper", "def other(x):\n    return 2\n")).code == "wrong_definition"
    assert refused("search-replace", "```python\ndef nobody():\n    pass\n```\n").code == "no_blocks"
