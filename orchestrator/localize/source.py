"""Source text of one file, cut into whole lines for excerpts."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property

from orchestrator import syntax
from orchestrator.localize.facts import text_definitions
from orchestrator.records import Location


@dataclass(frozen=True)
class SourceFile:
    """The lines of one file and its definitions, as they are in the tree."""

    path: str
    text: str

    @classmethod
    def of(cls, path: str, data: bytes) -> SourceFile:
        """Decode `data`; any bytes will do."""
        return cls(path, syntax.decode_source(data)[0])

    @cached_property
    def lines(self) -> list[str]:
        """Lines with their ends."""
        return syntax.split_lines(self.text)

    @cached_property
    def module(self) -> ast.Module | None:
        """The syntax tree, or None where the file is no Python or does not parse."""
        try:
            return syntax.parse_source(self.text) if self.path.endswith((".py", ".pyi")) else None
        except SyntaxError:
            return None

    @cached_property
    def definitions(self) -> tuple[syntax.Definition, ...]:
        """Definitions in source order, by `ast` where it parses and by line patterns where not."""
        if self.module is not None:
            return syntax.definitions(self.module)
        return text_definitions(self.text.split("\n"))

    def cut(self, start: int, end: int) -> str:
        """Whole lines `start` to `end`, 1-based and inclusive."""
        return "".join(self.lines[max(start, 1) - 1 : end])

    def locate(self, start: int, end: int, qualified_name: str | None = None) -> Location:
        """A location in this file, held within its lines."""
        return Location(self.path, qualified_name, max(start, 1), min(end, len(self.lines)))

    def find(self, qualified_name: str, near_line: int = 0) -> syntax.Definition | None:
        """The definition of that name, the one nearest to `near_line` where there are several."""
        fitting = [d for d in self.definitions if d.qualified_name == qualified_name]
        return min(fitting, key=lambda d: abs(d.start_line - near_line), default=None)

    def signature_end(self, definition: syntax.Definition) -> int:
        """The last line of a definition's signature."""
        return max(definition.header_line, min(definition.body_line - 1, definition.end_line))

    def class_of(self, definition: syntax.Definition) -> syntax.Definition | None:
        """The class right around a definition."""
        outer = definition.qualified_name.rpartition(".")[0]
        around = [d for d in self.definitions if d.qualified_name == outer and d.kind == "class"]
        return next((d for d in around if d.start_line <= definition.start_line <= d.end_line), None)

    def class_header(self, found: syntax.Definition, *, most_lines: int = 25) -> tuple[int, int]:
        """Lines from a class's start to before its first method; only the signature where that is long."""
        inner = [d.start_line for d in self.definitions if found.start_line < d.start_line <= found.end_line]
        end = min([*inner, found.end_line + 1]) - 1
        while end > found.header_line and not self.lines[end - 1].strip():
            end -= 1
        return (found.start_line, end if end - found.start_line < most_lines else self.signature_end(found))

    def import_runs(self) -> list[tuple[int, int]]:
        """Line ranges of the module's own import statements; neighbours at most two lines apart are one run."""
        if self.module is None:
            return []
        found = [
            (node.lineno, node.end_lineno or node.lineno)
            for node in self.module.body
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        runs: list[tuple[int, int]] = []
        for start, end in found:
            if runs and start - runs[-1][1] <= 3:
                runs[-1] = (runs[-1][0], end)
            else:
                runs.append((start, end))
        return runs

    def called_names(self, start: int, end: int) -> tuple[str, ...]:
        """Names called within the lines, `self.x` as `self.x`, in order of appearance."""
        if self.module is None:
            return ()
        calls: list[tuple[int, int, str]] = []
        for node in ast.walk(self.module):
            if isinstance(node, ast.Call) and start <= node.lineno <= end:
                function = node.func
                if isinstance(function, ast.Name):
                    calls.append((node.lineno, node.col_offset, function.id))
                elif isinstance(function, ast.Attribute):
                    own = isinstance(function.value, ast.Name) and function.value.id in {"self", "cls"}
                    calls.append((node.lineno, node.col_offset, f"self.{function.attr}" if own else function.attr))
        return tuple(dict.fromkeys(name for _, _, name in sorted(calls)))
