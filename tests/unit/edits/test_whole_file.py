"""The whole-file format: complete files, and what is salvaged of incomplete ones."""

# ruff: noqa: E501  (a row of a table is one case)

from __future__ import annotations

import pytest

from orchestrator.edits.trees import MappingTree
from tests.unit.edits.helpers import SHOP, after, landed, refused

NEW = SHOP.replace(b"x + 1", b"x + 2").decode()


@pytest.mark.parametrize(
    "reply",
    [
        f"### src/shop.py\n```python\n{NEW}```\n", f"src/shop.py\n```\n{NEW}```", f"Here is `src/shop.py`:\n\n```python\n{NEW}```\nDone.",
        f"```python\n# src/shop.py\n{NEW}```", f"```python src/shop.py\n{NEW}```", f"```python:src/shop.py\n{NEW}```", f"```\n{NEW}```",
        f"path/to/shop.py\n```\n{NEW}```", f"### src/shop.py\n```python\n{NEW}", f"`shop.py`\n```\n{NEW}```\n\nRun it:\n\n```bash\npython src/shop.py\n```",
        f"Before:\n### src/shop.py\n```python\n{SHOP.decode()}```\nAfter:\n### src/shop.py\n```python\n{NEW}```\n",
    ],
)  # fmt: skip
def test_a_file_is_found_however_it_is_announced(reply: str) -> None:
    """Above the fence, in its info string, in the first line, or not at all where one file was shown."""
    assert after("whole-file", reply, None, "src/shop.py") == NEW.encode()


def test_line_ends_bom_and_last_newline_survive() -> None:
    """The reply has LF and a last newline; the file keeps CRLF, its BOM and its missing last newline."""
    before = b"\xef\xbb\xbfa = 1\r\nb = 2"
    assert (
        after("whole-file", "### a.py\n```python\na = 1\nb = 3\n```", MappingTree({"a.py": before}))
        == b"\xef\xbb\xbfa = 1\r\nb = 3"
    )


def test_an_elision_is_filled_in_from_the_file() -> None:
    """`# ... rest ...` is the file's own text where its ends are clear."""
    reply = "### src/shop.py\n```python\n# ... existing code ...\n\ndef helper(x):\n    return x + 2\n\n\ndef main():\n    return helper(1)\n```"
    assert after("whole-file", reply) == NEW.encode()


def test_a_fragment_is_read_as_definitions() -> None:
    """One function where the file was asked changes that function and loses nothing."""
    assert after("whole-file", "### src/shop.py\n```python\ndef helper(x):\n    return x + 2\n```") == NEW.encode()


def test_a_new_file() -> None:
    """A path that does not exist is made."""
    (change,) = landed("whole-file", "### src/new.py\n```python\nx = 1\n```").changes
    assert (change.path, change.before, change.after, change.mode) == ("src/new.py", None, b"x = 1\n", "100644")


def test_the_mode_is_kept() -> None:
    """An executable stays one."""
    tree = MappingTree({"run.sh": b"echo 1\n"}, {"run.sh": "100755"})
    (change,) = landed("whole-file", "### run.sh\n```\necho 2\n```", tree).changes
    assert change.mode == "100755"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (f"### src/shop.py\n```python\n{SHOP.decode()}```", "no_change"),
        (f"```python\n{NEW}```", "no_path"),
        ("### src/shop.py\n```python\nimport os\n\n\nclass Shop:\n    def __init__(self):\n", "unclosed_block"),
        ("### .git/config\n```\nx\n```", "unsafe_path"),
        (f"### src/shop.py\n```python\n{NEW}```\n### src/shop.py\n```python\n{NEW}# more\n```", "conflict"),
        ("Sorry.", "no_code"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused(reply: str, code: str) -> None:
    """Each refusal has a stable code."""
    assert refused("whole-file", reply).code == code
