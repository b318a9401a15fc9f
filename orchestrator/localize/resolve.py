"""From clues to places: printed paths, dotted names and symbols resolved to indexed files and definitions."""

from __future__ import annotations

from orchestrator.localize.corpus import RepositoryIndex


def files_of_path(index: RepositoryIndex, printed: str) -> tuple[int, ...]:
    """Source files that a printed path can mean.

    An installed path ends in the repository's path less a leading `src/` or `lib/`; a short path is the end of one.
    """
    printed = printed.replace("\\", "/").removeprefix("./")
    exact = index.file_numbers.get(printed)
    if exact is not None:
        return (exact,)
    candidates = index.by_basename.get(printed.rsplit("/", 1)[-1], ())
    installed = [n for n in candidates if printed.endswith(f"/{_installed(index.sources.files[n].path)}")]
    if installed:
        return (max(installed, key=lambda n: len(index.sources.files[n].path)),)
    return tuple(n for n in candidates if f"/{index.sources.files[n].path}".endswith(f"/{printed}"))


def _installed(path: str) -> str:
    for root in ("src/", "lib/"):
        path = path.removeprefix(root)
    return path


def module_of_dotted(index: RepositoryIndex, dotted: str) -> tuple[int, tuple[str, ...]] | None:
    """The longest prefix of `dotted` that is a module, and the names after it."""
    parts = tuple(dotted.split("."))
    for size in range(len(parts), 0, -1):
        number = index.by_module.get(".".join(parts[:size]))
        if number is not None:
            return number, parts[size:]
    return None


def units_of_dotted(index: RepositoryIndex, dotted: str, *, most: int = 4) -> tuple[int, ...]:
    """Units that a dotted name can mean: `package.module.Class.method`, `Class.method`, a re-exported name.

    Empty where more than `most` definitions fit, because then the name says nothing.
    """
    parts = dotted.split(".")
    found = module_of_dotted(index, dotted)
    if found and found[1]:
        number, rest = found
        inside = _named(index, rest[-1], ".".join(rest), file=number) or _exported(index, number, rest)
        if inside:
            return inside
    for size in (3, 2):
        if len(parts) >= size:
            fitting = _named(index, parts[-1], ".".join(parts[-size:]))
            if 0 < len(fitting) <= most:
                return fitting
    return ()


def _named(index: RepositoryIndex, last: str, qualified: str, file: int | None = None) -> tuple[int, ...]:
    units = index.sources.units
    return tuple(
        n
        for n in index.by_name.get(last, ())
        if (d := units[n].definition)
        and (d.qualified_name == qualified or d.qualified_name.endswith(f".{qualified}"))
        and file in (None, units[n].file)
    )


def _exported(index: RepositoryIndex, package: int, rest: tuple[str, ...]) -> tuple[int, ...]:
    """Definitions below a package that a user reaches through its `__init__`."""
    if not index.sources.files[package].path.endswith("/__init__.py"):
        return ()
    root = index.sources.files[package].path.removesuffix("__init__.py")
    found = tuple(
        n
        for n in _named(index, rest[-1], ".".join(rest[-2:]))
        if index.sources.files[index.sources.units[n].file].path.startswith(root)
    )
    return found if len(found) <= 4 else ()
