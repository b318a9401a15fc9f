"""The `unified-diff` format, the baseline arm: hunks are taken as written and land as `git apply` and `patch` would land them."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.edits.diff_text import NULL, as_search, diff_lines, file_diffs, has_numbers, resolved_path
from orchestrator.edits.hunks import parse_hunks
from orchestrator.edits.reply import read_reply
from orchestrator.protocols import Tree
from orchestrator.records import DeleteFile, DiffHunks, Edit, EditRefusal, Edits

NAME = "unified-diff"


@dataclass(frozen=True, slots=True)
class UnifiedDiffFormat:
    """A unified diff. Only the path is repaired: wrong counts and wrong context are refused, as the official harness does.

    Hunks under `@@ ... @@`, without any numbers, are no diff that git knows: each is read as search text and replacement.
    """

    name: str = NAME
    prompt_section: str = "formats/unified-diff.md"

    def parse(self, reply_text: str, tree: Tree, targets: tuple[str, ...] = ()) -> Edits | EditRefusal:
        """Read a reply. Counts of hunks are checked here, their context when they are applied."""
        read = read_reply(reply_text)
        if isinstance(read, EditRefusal):
            return read
        lines = diff_lines(read)
        parts = file_diffs(lines)
        if not parts:
            message = "The reply holds no unified diff. Write --- a/path, +++ b/path and hunks that begin with @@ -1,2 +1,2 @@."
            return EditRefusal("no_diff", message)
        edits: list[Edit] = []
        salvage: list[str] = [] if lines is not read.lines else ["no_fence"]
        for part in parts:
            resolved = resolved_path(part, tree, targets)
            if isinstance(resolved, EditRefusal):
                return resolved
            path, notes = resolved
            salvage.extend(notes)
            if part.unsupported:
                return EditRefusal(
                    "unsupported_diff",
                    f"The diff for {path} holds {part.unsupported}; write it as changed files.",
                    path,
                )
            if not has_numbers(part):
                edits.extend(as_search(part, path))
                salvage.append("hunks_without_numbers")
                continue
            diff = "".join(line + "\n" for line in part.lines)
            hunks = parse_hunks(diff, path)
            if isinstance(hunks, EditRefusal):
                return hunks
            edits.append(DeleteFile(path) if part.new == NULL else DiffHunks(path, diff))
        return Edits(NAME, tuple(edits), tuple(dict.fromkeys(salvage)))
