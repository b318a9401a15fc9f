"""Laws that hold for every file and every reply."""

# ruff: noqa: E501  (a row of a table is one case)

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from orchestrator.edits import FORMATS
from orchestrator.edits.apply import Applied, apply_edits
from orchestrator.edits.render import edits_between, render_reply
from orchestrator.edits.text import Document
from orchestrator.edits.trees import MappingTree
from orchestrator.records import EditRefusal, Edits, WriteFile
from tests.unit.edits.helpers import SHOP

WORDS = st.sampled_from(
    ["", "a = 1", "b = 2", "def f(x):", "    return x", "    pass", "class C:", "    def g(self):", "        return 1", "\tq()", "...",
     "# ... rest", "@@ -1 +1 @@", "+x", "-y", "=======", "```", "caf\u00e9 = 1", "\x0cz", "  w  ", "'''", '"""'],
)  # fmt: skip
TEXTS = st.builds(
    lambda lines, end, last: end.join(lines) + (end if last else ""),
    st.lists(WORDS, max_size=25),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
FILES = st.one_of(
    TEXTS.map(lambda t: t.encode()),
    TEXTS.map(lambda t: b"\xef\xbb\xbf" + t.encode()),
    TEXTS.map(lambda t: t.encode("latin-1")),
    st.binary(max_size=60),
)
NAMES = st.sampled_from(list(FORMATS))
RELAXED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@RELAXED
@given(FILES, FILES, NAMES)
@example(b"a\r\nb\n", b"a\nb\r\n", "search-replace")
@example(b"a", b"a\n", "search-replace")
@example(b"", b"x", "function")
@example(b"a\n\nb\n", b"\n", "unified-diff")
def test_edits_built_from_before_and_after_give_exactly_after(before: bytes, after: bytes, name: str) -> None:
    """Whatever the two files and the format, to the byte; equal files are a refused edit."""
    before, after = before.replace(b"\x00", b""), after.replace(b"\x00", b"")
    done = apply_edits(edits_between(before, after, "m.py", name), MappingTree({"m.py": before}))
    if before == after:
        assert isinstance(done, EditRefusal)
        assert done.code == "no_change"
    else:
        assert isinstance(done, Applied)
        assert [(c.before, c.after) for c in done.changes] == [(before, after)]


@RELAXED
@given(TEXTS, TEXTS, NAMES)
def test_what_is_rendered_is_read_back(before: str, after: str, name: str) -> None:
    """The reply that a model would write for an edit gives the same content when it is parsed and applied."""
    old, new = before.replace("\r", "").encode(), after.replace("\r", "").encode()
    edits = edits_between(old, new, "pkg/m.py", name)
    if old == new or any(
        isinstance(e, WriteFile) and (e.raw or "```" in e.content or not e.content.strip()) for e in edits.edits
    ):
        return
    tree = MappingTree({"pkg/m.py": old})
    read = FORMATS[name].parse(render_reply(edits), tree, ("pkg/m.py",))
    if isinstance(read, EditRefusal) or name != "unified-diff":
        # Lines that look like markers, fences or elisions make some random edits unreadable: they are refused, never misread.
        done = read if isinstance(read, EditRefusal) else apply_edits(read, tree)
        assert isinstance(done, EditRefusal) or done.changes[0].after == new or _odd(before + after)
        return
    done = apply_edits(read, tree)
    assert isinstance(done, Applied)
    assert done.changes[0].after == new


def _odd(text: str) -> bool:
    return any(mark in text for mark in ("```", "=======", "...", "@@", "'''", '"""'))


@pytest.mark.parametrize("name", ["function", "search-replace", "unified-diff"])
def test_rendered_edits_of_real_code_are_equal_after_reading(name: str) -> None:
    """parse(render(edits)) is edits, without any salvage."""
    after = SHOP.replace(b"x + 1", b"x + 2").replace(b"total += part.price", b"total += part.price or 0")
    edits = edits_between(SHOP, after, "src/shop.py", name)
    assert FORMATS[name].parse(render_reply(edits), MappingTree({"src/shop.py": SHOP})) == edits


@RELAXED
@given(FILES)
def test_a_document_gives_back_its_bytes(data: bytes) -> None:
    """Line ends, BOM, encoding and the last newline survive decoding."""
    assert Document.from_bytes(data).to_bytes() == data


@RELAXED
@given(st.lists(st.sampled_from(["a = 1", "b = 2", "c = 3"]), min_size=1, max_size=8), st.data())
def test_bytes_outside_the_edited_range_never_change(lines: list[str], data: st.DataObject) -> None:
    """Every other line keeps its own end, mixed ends among them."""
    ends = data.draw(st.lists(st.sampled_from([b"\n", b"\r\n"]), min_size=len(lines), max_size=len(lines)))
    target = data.draw(st.integers(0, len(lines) - 1))
    parts = [x.encode() + e for x, e in zip(lines, ends, strict=True)]
    parts[target] = b"unique = 0" + ends[target]
    reply = "### m.py\n<<<<<<< SEARCH\nunique = 0\n=======\nunique = 1\nmore = 2\n>>>>>>> REPLACE\n"
    tree = MappingTree({"m.py": b"".join(parts)})
    read = FORMATS["search-replace"].parse(reply, tree)
    assert isinstance(read, Edits)
    done = apply_edits(read, tree)
    assert isinstance(done, Applied)
    after = done.changes[0].after or b""
    assert after.startswith(b"".join(parts[:target]))
    assert after.endswith(b"".join(parts[target + 1 :]))


@pytest.mark.parametrize("name", list(FORMATS))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(max_size=300), TEXTS, st.lists(st.sampled_from(
    ["### src/shop.py", "```python", "```", "<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE", "--- a/src/shop.py", "+++ b/src/shop.py",
     "@@ -1,2 +1,2 @@", "def helper(x):", "    return x + 1", "...", "-a", "+b", "DELETE src/shop.py", "src/shop.py :: Shop.price", "class Shop:",
     "    @property", "\x00", "\ud800", "### ../x", "import os", "(", "<think>"]), max_size=20).map("\n".join)))  # fmt: skip
def test_no_reply_makes_a_parser_or_apply_raise(name: str, reply: str) -> None:
    """Any text is read, salvaged or refused."""
    tree = MappingTree({"src/shop.py": SHOP})
    read = FORMATS[name].parse(reply, tree, ("src/shop.py",))
    if isinstance(read, Edits):
        assert isinstance(apply_edits(read, tree), Applied | EditRefusal)


@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("a\x00b", "binary"),
        ("\ud800 x", "not_text"),
        ("x = 1\n" * 1_700_000, "too_long"),
    ],
)
def test_what_is_no_reply_is_refused_at_once(name: str, reply: str, code: str) -> None:
    """Empty, binary, broken and endless replies cost nothing."""
    found = FORMATS[name].parse(reply, MappingTree({}))
    assert isinstance(found, EditRefusal)
    assert found.code == code
