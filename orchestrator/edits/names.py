"""Which definition a name means: models drop the class, add the module, or write pytest's `::`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from orchestrator.edits.outline import located, outline
from orchestrator.edits.similarity import similarity
from orchestrator.edits.source import Source
from orchestrator.edits.text import Document
from orchestrator.records import EditRefusal
from orchestrator.syntax import Definition, FunctionNode

_LEAST, _MARGIN = 0.6, 0.1


def resolve_name(document: Document, name: str, source: Source | None) -> str | EditRefusal:
    """The qualified name that the file uses; `name` itself where the file has nothing that it could mean.

    Several definitions with that last name are told apart by their likeness to `source`, if that is clear.
    """
    name = name.replace("<locals>.", "").strip(".")
    method = "." not in name and _is_method(source, name)
    if located(document, name) and not (method and not _takes_self(document, located(document, name))):
        return name
    known = outline(document.text)
    parts = name.split(".")
    for cut in range(1, len(parts)):
        tail = ".".join(parts[cut:])
        if any(d.qualified_name == tail for d in known) and not any(
            d.qualified_name == ".".join(parts[:cut]) for d in known
        ):
            return tail
    ends = [d for d in known if d.qualified_name.endswith("." + name)]
    if not ends and len(parts) > 1 and not any(d.qualified_name == ".".join(parts[:-1]) for d in known):
        ends = [d for d in known if d.qualified_name.split(".")[-1] == parts[-1]]
    names = list(dict.fromkeys(d.qualified_name for d in ends))
    if len(names) < 2:
        return names[0] if names else name
    return _most_alike(document, name, ends, source)


_SELF = re.compile(r"\(\s*(?:self|cls|mcs)\b")


def _is_method(source: Source | None, name: str) -> bool:
    """True where the block's function of that name takes self: a module-level function of the name is then another one."""
    written = [w for w in source.top() if w.name == name] if source else []
    return (
        len(written) == 1
        and isinstance(written[0].node, FunctionNode)
        and _first_argument(written[0].node) in {"self", "cls"}
    )


def _first_argument(node: FunctionNode) -> str:
    arguments = [*node.args.posonlyargs, *node.args.args]
    return arguments[0].arg if arguments else ""


def _takes_self(document: Document, found: Sequence[Definition]) -> bool:
    heads = (" ".join(document.lines[d.header_line - 1 : d.header_line + 1]) for d in found)
    return any(_SELF.search(head) for head in heads)


def _most_alike(document: Document, name: str, found: list[Definition], source: Source | None) -> str | EditRefusal:
    last = name.rsplit(".", 1)[-1]
    written = [w for w in source.written() if w.name.split(".")[-1] == last] if source else []
    if source and len(written) == 1:
        new = source.lines[written[0].start : written[0].end]
        scored = sorted(
            ((similarity(new, document.lines[d.start_line - 1 : d.end_line]), d.qualified_name) for d in found[:50]),
            reverse=True,
        )
        if scored[0][0] >= _LEAST and scored[0][0] - scored[1][0] >= _MARGIN:
            return scored[0][1]
    listed = ", ".join(f"{d.qualified_name} (line {d.header_line})" for d in found[:8])
    return EditRefusal("ambiguous", f"{name} may be {listed}; name the one to change.", nearest=listed)
