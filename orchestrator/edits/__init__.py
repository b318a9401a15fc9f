"""Reply text to edits, and edits to new file contents, or a reason that the model can act on.

`FORMATS` are the four ways to write an edit; `apply.apply_edits` applies what any of them reads, by the ladder in `ladder.py`;
`render` goes the other way, from (before, after) to edits to the reply that a model would write.
"""

from __future__ import annotations

from orchestrator.edits.function_format import FunctionFormat
from orchestrator.edits.search_replace import SearchReplaceFormat
from orchestrator.edits.unified_diff import UnifiedDiffFormat
from orchestrator.edits.whole_file import WholeFileFormat
from orchestrator.protocols import EditFormat

FORMATS: dict[str, EditFormat] = {
    "function": FunctionFormat(),
    "search-replace": SearchReplaceFormat(),
    "whole-file": WholeFileFormat(),
    "unified-diff": UnifiedDiffFormat(),
}

__all__ = ["FORMATS"]
