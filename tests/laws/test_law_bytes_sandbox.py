"""The law of bytes: the working copy in a sandbox is the commit's tree, byte for byte, whatever .gitattributes asks for."""

from __future__ import annotations

import hashlib

from orchestrator.protocols import SandboxCommand
from orchestrator.records import FileChange, Task
from orchestrator.repo.diff import make_patch
from orchestrator.repo.overlay import Overlay
from orchestrator.repo.seed import commit_tree
from orchestrator.sandbox.bubblewrap import BubblewrapEngine

FILES = {
    ".gitattributes": ("100644", b"*.txt text eol=crlf\n*.py ident\nhidden.txt export-ignore\nv.py export-subst\n"),
    "crlf.txt": ("100644", b"a\r\nb\r\n"),
    "lf.txt": ("100644", b"a\nb\n"),
    "hidden.txt": ("100644", b"kept\n"),
    "v.py": ("100644", b"v = '$Format:%H$ $Id$'"),
    "latin.py": ("100644", b"# coding: latin-1\ns = '\xe9\x0c'\n"),
    "bom.py": ("100644", b"\xef\xbb\xbfx = 1\r\n"),
    "bin/tool": ("100755", b"\0\1\2\xff"),
    "link": ("120000", b"lf.txt"),
}
LIST = (
    "git ls-files -z --cached --others | while IFS= read -r -d '' f; do "
    '[ -L "$f" ] || [ ! -e "$f" ] || sha256sum < "$f" | cut -c-64; done | sort'
)


def digests(contents: list[bytes]) -> list[str]:
    """Sorted hashes, as the script in the sandbox prints them."""
    return sorted(hashlib.sha256(content).hexdigest() for content in contents)


def test_every_byte_arrives(engine: BubblewrapEngine) -> None:
    """Without a patch git sees no change, and every file has the blob's bytes; with one, the overlay's."""
    repository = commit_tree(FILES, "m", "a <a@localhost>", "2026-01-01T00:00:00+00:00")
    sandbox = engine.open(Task("x__x-1", "starter", "x/x", repository.base_commit, ""), repository)
    clean = sandbox.run(SandboxCommand("git status --porcelain; test -L link && test -x bin/tool && " + LIST))
    assert clean.output.decode().split() == digests([content for mode, content in FILES.values() if mode != "120000"])
    changes = [
        FileChange("crlf.txt", FILES["crlf.txt"][1], b"a\r\nc\r\nd"),
        FileChange("latin.py", FILES["latin.py"][1], b"# coding: latin-1\ns = '\xe8'"),
        FileChange("hidden.txt", b"kept\n", None),
        FileChange("new\xe9.py", None, b"x = 2\r\n"),
        FileChange("bin/tool", FILES["bin/tool"][1], b"\0\3", "100755"),
    ]
    overlay = Overlay(repository, changes)
    patched = sandbox.run(SandboxCommand(LIST, patch=make_patch(changes)))
    expected = [overlay.read(path) for path, entry in overlay.entries().items() if entry.mode != "120000"]
    assert patched.output.decode().split() == digests(expected)
