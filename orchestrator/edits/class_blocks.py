"""Blocks about a class: written whole, written as the wrapper of some methods, or methods under the name of their class."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from orchestrator.edits.elision import is_elision
from orchestrator.edits.outline import located, within
from orchestrator.edits.source import Source, Written, read_source
from orchestrator.edits.text import Document
from orchestrator.records import EditRefusal, ReplaceDefinition
from orchestrator.syntax import FunctionNode


@dataclass(frozen=True, slots=True)
class ClassEdits:
    """What a block about a class comes to."""

    edits: tuple[ReplaceDefinition, ...]
    salvage: tuple[str, ...] = ()


def class_edits(document: Document, path: str, source: Source, written: Written, name: str) -> ClassEdits | EditRefusal:
    """A class that is written whole is replaced; one that lacks methods of the file's is only the wrapper of those it has."""
    depth = name.count(".") + 1
    inner = [d.qualified_name for d in within(document, name.split(".", maxsplit=1)[0])]
    own = [n for n in inner if n.startswith(name + ".") and n.count(".") == depth]
    inside = [w for w in source.written() if w.name.startswith(written.name + ".") and w.name.count(".") == 1]
    given = {f"{name}.{w.name.rsplit('.', 1)[-1]}" for w in inside}
    missing = [n for n in own if n not in given]
    if not missing and not any(is_elision(line) for line in source.lines[written.start : written.end]):
        text = source.text(0, len(source.lines)) if len(source.top()) == 1 else source.text(written.start, written.end)
        return ClassEdits((ReplaceDefinition(path, name, text),))
    if not any(n in own for n in given):
        listed = ", ".join(n.rsplit(".", 1)[-1] for n in missing[:5])
        message = f"The class {name} is not written whole: it lacks {listed}. Write the whole class, or only the method to change."
        return EditRefusal("incomplete_class", message, path)
    changed = _changed_outside(document, written, name)
    if changed:
        message = (
            f"The class {name} is not written whole, and its {changed} differ from the file's: "
            "write the whole class, or only the method to change."
        )
        return EditRefusal("incomplete_class", message, path)
    named = ((f"{name}.{w.name.rsplit('.', 1)[-1]}", w) for w in inside)
    edits = tuple(ReplaceDefinition(path, qualified, source.text(w.start, w.end)) for qualified, w in named)
    return ClassEdits(edits, ("class_wrapper",))


def method_edits(document: Document, path: str, source: Source, name: str) -> ClassEdits | None:
    """Methods alone under a header that names their class; None where one of them is neither the class's nor takes self."""
    edits = []
    for written in source.top():
        qualified = f"{name}.{written.name}"
        if not located(document, qualified) and not _takes_self(written):
            return None
        edits.append(ReplaceDefinition(path, qualified, source.text(written.start, written.end)))
    return ClassEdits(tuple(edits), ("method_of_class",)) if edits else None


def _takes_self(written: Written) -> bool:
    if not isinstance(written.node, FunctionNode):
        return False
    arguments = [*written.node.args.posonlyargs, *written.node.args.args]
    return bool(arguments) and arguments[0].arg in ("self", "cls")


def _changed_outside(document: Document, written: Written, name: str) -> str:
    """What a wrapper changes that is no method, and so would be lost: its bases, or its attributes."""
    found = located(document, name)
    if len(found) != 1 or not isinstance(written.node, ast.ClassDef):
        return ""
    source = read_source(document.lines[found[0].start_line - 1 : found[0].end_line])
    before = source.top()[0].node if isinstance(source, Source) and source.top() else None
    if not isinstance(before, ast.ClassDef):
        return ""
    if written.node.bases and _dump(written.node.bases) - _dump(before.bases):
        return "base classes"
    return "attributes" if _dump(_attributes(written.node)) - _dump(_attributes(before)) else ""


def _attributes(node: ast.ClassDef) -> list[ast.stmt]:
    plain = (ast.Expr, ast.Pass, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [statement for statement in node.body if not isinstance(statement, plain)]


def _dump(nodes: list[ast.stmt] | list[ast.expr]) -> set[str]:
    return {ast.dump(node) for node in nodes}
