"""Modules of the repository by name: which module a file is, and whether a new import finds what it names.

Conservative on purpose: what may be made at build time, by a star, by `__getattr__` or within a `try` counts as reachable.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from orchestrator import syntax
from orchestrator.protocols import Tree
from orchestrator.records import FileChange

Import = tuple[str, str]
"""(absolute module name, imported name or empty for a plain `import module`)."""


def module_of(path: str, known: frozenset[str]) -> tuple[str, str] | None:
    """(root folder, dotted module name) of a Python file, by walking up while `__init__.py` is there; None for no module's name."""
    if not path.endswith(".py"):
        return None
    parts = path.removesuffix(".py").split("/")
    names = parts if parts[-1] != "__init__" else parts[:-1]
    depth = len(parts) - 1
    while depth > 0 and "/".join([*parts[:depth], "__init__.py"]) in known:
        depth -= 1
    dotted = names[depth:]
    if not dotted or not all(name.isidentifier() for name in dotted):
        return None
    return "/".join(parts[:depth]), ".".join(dotted)


def unreachable_imports(change: FileChange, changes: tuple[FileChange, ...], tree: Tree) -> list[str]:
    """A sentence for each import that `change` adds, of a module of this repository that does not exist or lacks the name."""
    contents = {c.path: c.after for c in changes}
    known = frozenset(
        [p for p in tree.entries() if contents.get(p, b"") is not None]
        + [p for p, data in contents.items() if data is not None]
    )
    home = module_of(change.path, known)
    if home is None or change.after is None:
        return []
    root, module = home
    is_package = change.path.endswith("/__init__.py")
    old = _known_imports(change.before or b"", module, is_package=is_package)
    added = [new for new in _imports(change.after, module, is_package=is_package) if new not in old]
    return [why for name in added if (why := _why_unreachable(name, root, known, contents, tree))]


@lru_cache(maxsize=64)
def _known_imports(before: bytes, module: str, *, is_package: bool) -> frozenset[Import]:
    """Remembered, since every candidate that touches a file is compared with the same text."""
    return frozenset(_imports(before, module, is_package=is_package))


def _imports(data: bytes, module: str, *, is_package: bool) -> Iterator[Import]:
    try:
        tree = syntax.parse_source(syntax.decode_source(data)[0])
    except SyntaxError:
        return
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Try):
            pending.extend([*node.orelse, *node.finalbody])
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (origin := _absolute(node, module, is_package=is_package)):
            yield from ((origin, alias.name) for alias in node.names)
        pending.extend(ast.iter_child_nodes(node))


def _absolute(node: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    parts = parts[: len(parts) - node.level + is_package]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _why_unreachable(
    name: Import, root: str, known: frozenset[str], contents: dict[str, bytes | None], tree: Tree
) -> str:
    module, imported = name
    base = f"{root}/" if root else ""
    folder = base + module.replace(".", "/")
    top = base + module.split(".")[0]
    if f"{top}/__init__.py" not in known:
        return ""
    path = next((p for p in (f"{folder}.py", f"{folder}/__init__.py") if p in known), None)
    if path is None:
        if (
            any(p.startswith((f"{folder}.", f"{folder}/")) for p in known)
            or "version" in module
            or "generated" in module
        ):
            return ""
        return f"there is no module {module!r} in this repository"
    if (
        not imported
        or imported == "*"
        or any(p.startswith((f"{folder}/{imported}.", f"{folder}/{imported}/")) for p in known)
    ):
        return ""
    changed = contents.get(path)
    names = _top_level_names(changed if changed is not None else tree.read(path))
    return "" if names is None or imported in names else f"{module!r} does not define {imported!r}"


@lru_cache(maxsize=64)
def _top_level_names(data: bytes) -> frozenset[str] | None:
    """Names that a module certainly defines, None where it may define any (star import, `__getattr__`, `globals()`)."""
    try:
        module = syntax.parse_source(syntax.decode_source(data)[0])
    except SyntaxError:
        return None
    names: set[str] = {"__name__", "__file__", "__doc__", "__all__", "__version__"}
    pending: list[ast.AST] = list(module.body)
    while pending:
        node = pending.pop()
        if isinstance(node, syntax.DefinitionNode):
            names.add(node.name)
            if any(isinstance(n, ast.Global) for n in ast.walk(node)):
                return None
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        pending.extend(ast.iter_child_nodes(node))
    return None if names & {"*", "__getattr__", "globals", "vars", "exec", "setattr", "locals"} else frozenset(names)
