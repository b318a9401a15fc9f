"""No edit leaves the repository; a misspelt path is put right only where one file can be meant."""

# ruff: noqa: E501  (a row of a table is one case)

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.edits.apply import apply_edits
from orchestrator.edits.paths import resolve_path, safe_path
from orchestrator.edits.trees import MappingTree
from orchestrator.records import EditRefusal, Edits, WriteFile

TREE = MappingTree(
    {"src/app.py": b"x\n", "src/pkg/models.py": b"", "link.py": b"src/app.py", "linked": b"src", "vendor/sub": b"", "docs/a b.txt": b""},
    {"link.py": "120000", "linked": "120000", "vendor/sub": "160000"},
)  # fmt: skip

ESCAPES = [
    "", " ", "/etc/passwd", "~/x", "../x", "src/../../x", "src/../x", "C:\\x", "c:/x", "a\\b.py", "x\x00.py", "x\n.py", ".git/config",
    ".GIT/hooks/pre-commit", "src/.git/config", ".git./config", ".git /config", "git~1/config", "src//app.py", "./src/app.py", "src/",
    "src", "link.py", "linked/app.py", "vendor/sub", "vendor/sub/x.py", "src/app.py/x", "a/\u202egpj.py", "x" * 300, "y/" * 3000 + "z",
    "\ud800.py", ".gi\u200bt/config",
]  # fmt: skip


@pytest.mark.parametrize("path", ESCAPES)
def test_a_path_that_leaves_or_touches_git_is_refused(path: str) -> None:
    """Absolute, `..`, control characters, git's directory, links, submodules, directories: none may be written."""
    found = safe_path(path, TREE)
    assert isinstance(found, EditRefusal)
    assert found.code == "unsafe_path"
    refused = apply_edits(Edits("whole-file", (WriteFile(path, "x = 1\n"),)), TREE)
    assert isinstance(refused, EditRefusal)


@pytest.mark.parametrize(
    "path", ["src/app.py", "src/new.py", "new/deep/file.py", ".github/x.yml", "src/..hidden.py", "docs/a b.txt"]
)
def test_ordinary_paths_pass(path: str) -> None:
    """Existing files and new ones inside the repository may be written."""
    assert safe_path(path, TREE) == path


def test_a_windows_path_is_turned_round_where_the_file_exists() -> None:
    """Only an existing file shows that a backslash was meant as a separator."""
    assert safe_path("src\\app.py", TREE) == "src/app.py"


@given(st.text(max_size=40))
def test_no_text_is_a_path_outside(text: str) -> None:
    """Whatever the path, what passes is relative, has no `..` and is not git's."""
    found = safe_path(text, TREE)
    if isinstance(found, str):
        parts = found.split("/")
        assert not found.startswith("/")
        assert ".." not in parts
        assert all(p.lower() != ".git" for p in parts)


@pytest.mark.parametrize(
    ("raw", "note"),
    [
        ("src/app.py", None), ("`src/app.py`", "path_decoration"), ("/testbed/src/app.py", "path_prefix"), ("./src/app.py", "path_prefix"),
        ("a/src/app.py", "path_prefix"), ("src\\app.py", "path_separators"), ("src.app", "path_as_module"), ("src/app", "path_suffix"),
        ("app.py", "path_suffix"), ("path/to/app.py", "path_suffix"), ("src/src/app.py", "path_prefix"), ("app", None),
    ],
)  # fmt: skip
def test_misspelt_paths_are_put_right_and_said_so(raw: str, note: str | None) -> None:
    """Each repair is named; a bare word is no path."""
    found = resolve_path(raw, TREE, ("src/app.py",))
    if raw == "app":
        assert found is None
        return
    assert found is not None
    assert found.path == "src/app.py"
    assert found.salvage == ((note,) if note else ())


def test_a_shortened_path_that_fits_two_files_is_not_guessed() -> None:
    """`models.py` in two packages means neither."""
    tree = MappingTree({"a/models.py": b"", "b/models.py": b""})
    assert resolve_path("models.py", tree) is None
