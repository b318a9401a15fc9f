"""The search-replace format: how blocks may be written, and what is refused."""

from __future__ import annotations

import pytest

from orchestrator.edits.trees import MappingTree
from orchestrator.records import DeleteFile, SearchReplace, WriteFile
from tests.unit.edits.helpers import SHOP, after, block, landed, read, refused, tree_of

OLD, NEW = "    return x + 1\n", "    return x + 2\n"
WANTED = SHOP.replace(b"x + 1", b"x + 2")


@pytest.mark.parametrize(
    "reply",
    [
        block(OLD, NEW),
        f"src/shop.py\n<<<<<<< SEARCH\n{OLD}=======\n{NEW}>>>>>>> REPLACE",
        f"```python\nsrc/shop.py\n<<<<<<< SEARCH\n{OLD}=======\n{NEW}>>>>>>> REPLACE\n```",
        f"```python src/shop.py\n<<<<<<< SEARCH\n{OLD}=======\n{NEW}>>>>>>> REPLACE\n```",
        f"```python\nsrc/shop.py\n```\n```python\n<<<<<<< SEARCH\n{OLD}=======\n{NEW}>>>>>>> REPLACE\n```",
        f"The file **`src/shop.py`** is wrong:\n\n<<<<<<< SEARCH\n{OLD}=======\n{NEW}>>>>>>> REPLACE\n\nDone.",
        f"<<<<<<< SEARCH src/shop.py\n{OLD}=======\n{NEW}>>>>>>> REPLACE\n",
        f"src/shop.py\n```python\n<<<<<<< SEARCH\n{OLD}=======\n{NEW}```\n",
        f"src/shop.py\n<<<<< ORIGINAL\n{OLD}=====\n{NEW}>>>>> UPDATED\n",
        f"src/shop.py\r\n<<<<<<< SEARCH\r\n{OLD}=======\r\n{NEW}>>>>>>> REPLACE\r\n",
        f"src/shop.py\n<<<<<<< SEARCH\n{OLD}=======\n{NEW}```\n>>>>>>> REPLACE\n",
        f"In src/shop.py:\n\nSEARCH:\n```python\n{OLD}```\nREPLACE:\n```python\n{NEW}```\n",
        block(OLD, NEW) + "\nOnce more:\n\n" + block(OLD, NEW),
        block(OLD, NEW) + block("import os\n", "import os\n"),
        "```diff\n--- a/src/shop.py\n+++ b/src/shop.py\n@@ -99,9 +1 @@\n def helper(x):\n-    return x + 1\n+    return x + 2\n```",
        f"<think>Hm.</think>\nsrc/shop.py\n<<<<<<< SEARCH\n{OLD}=======\n{NEW}>>>>>>> REPLACE",
    ],
)  # fmt: skip
def test_blocks_are_read_as_models_write_them(reply: str) -> None:
    """Headers, fences and markers may be off; the edit is the same."""
    assert after("search-replace", reply, None, "src/shop.py") == WANTED


def test_several_blocks_files_new_ones_and_deletions() -> None:
    """One reply may change, make and delete files; a block without a path continues the file above."""
    reply = block(OLD, NEW) + "...\n<<<<<<< SEARCH\nimport os\n=======\nimport sys\n>>>>>>> REPLACE\n"
    reply += "\nnew/there.py\n```python\n<<<<<<< SEARCH\n=======\nx = 1\n>>>>>>> REPLACE\n```\n\nDELETE other.py\n"
    tree = tree_of(other=b"gone\n")
    kinds = [type(e) for e in read("search-replace", reply, tree).edits]
    assert kinds == [SearchReplace, SearchReplace, WriteFile, DeleteFile]
    done = {c.path: c.after for c in landed("search-replace", reply, tree).changes}
    assert done == {
        "src/shop.py": WANTED.replace(b"import os", b"import sys"),
        "new/there.py": b"x = 1\n",
        "other.py": None,
    }


def test_a_divider_in_the_text_is_told_from_the_real_one() -> None:
    """A heading's underline of seven signs is found by what the file holds."""
    tree = MappingTree({"doc.rst": b"Heading\n=======\n\nold words\n"})
    reply = "doc.rst\n<<<<<<< SEARCH\nHeading\n=======\n\nold words\n=======\nHeading\n=======\n\nnew words\n>>>>>>> REPLACE\n"
    assert after("search-replace", reply, tree) == b"Heading\n=======\n\nnew words\n"


def test_the_header_may_name_the_definition_that_makes_a_text_unique() -> None:
    """`path :: Class.method` above a block narrows the search."""
    tree = MappingTree({"a.py": b"def f():\n    return 1\n\n\ndef g():\n    return 1\n"})
    reply = "### a.py :: g\n<<<<<<< SEARCH\n    return 1\n=======\n    return 2\n>>>>>>> REPLACE\n"
    done = landed("search-replace", reply, tree)
    assert done.changes[0].after == b"def f():\n    return 1\n\n\ndef g():\n    return 2\n"
    assert done.landings[0].rung == "syntax_node"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (f"<<<<<<< SEARCH\n{OLD}=======\n{NEW}>>>>>>> REPLACE", "no_path"),
        (f"src/shop.py\n<<<<<<< SEARCH\n{OLD}=======\n{NEW}\n\noops!\n", "unclosed_block"),
        (f"src/shop.py\n<<<<<<< SEARCH\n{OLD}>>>>>>> REPLACE\n", "no_divider"),
        ("I cannot help with that.", "no_blocks"),
        (block(OLD, NEW, "src/other.py"), "no_such_file"),
        (block("", "x = 1\n"), "empty_search"),
        (block(OLD, OLD), "no_change"),
        (block("        pass\n", "x\n"), "not_found"),
        (block(OLD, NEW, "../shop.py"), "unsafe_path"),
        (block(OLD, NEW, "/etc/passwd"), "unsafe_path"),
        (block(OLD, NEW) + "\nDELETE src/shop.py\n", "conflict"),
        (block(OLD, "    return '\u0117'\n"), "encoding"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused_with_its_reason(reply: str, code: str) -> None:
    """Each refusal has a stable code and a sentence."""
    tree = tree_of(b"# -*- coding: latin-1 -*-\n" + SHOP) if code == "encoding" else tree_of()
    found = refused("search-replace", reply, tree)
    assert found.code == code
    assert len(found.message) > 20


def test_blocks_that_build_on_each_other_are_applied_in_turn() -> None:
    """The second block may search for what the first one wrote."""
    reply = block(OLD, "    return x + 5\n") + block("    return x + 5\n", NEW)
    assert after("search-replace", reply) == WANTED


def test_a_lost_indentation_is_repaired_where_the_result_does_not_parse() -> None:
    """The search text is exact, the replacement's first level of indentation is gone."""
    done = landed("search-replace", block("        self._open = False\n", "if name:\n    self._open = True\n"))
    assert b"        if name:\n            self._open = True\n" in (done.changes[0].after or b"")
    assert done.landings[0].rung == "exact, reindented"
