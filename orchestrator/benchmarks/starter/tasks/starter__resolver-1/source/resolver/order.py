"""Depth-first ordering."""

from resolver.errors import CycleError, MissingError


def install_order(packages, wanted=None):
    """Names in an order that installs dependencies first.

    ``wanted`` limits the result to these packages and what they need. The
    order is deterministic: alphabetical where dependencies leave a choice.
    """
    ordered = []
    done = set()
    for name in sorted(packages if wanted is None else wanted):
        _visit(name, packages, done, ordered, path=[])
    return ordered


def _visit(name, packages, done, ordered, path):
    if name in done:
        return
    if name in path:
        raise CycleError([*path, name])
    if name not in packages:
        raise MissingError(name, path[-1] if path else "the request")
    for dependency in sorted(packages[name]):
        _visit(dependency, packages, done, ordered, [*path, name])
    done.add(name)
    ordered.append(name)


def needed_by(packages, name):
    """All packages that need ``name``, directly or through others, sorted."""
    result = set()
    frontier = {name}
    while frontier:
        frontier = {
            package
            for package, dependencies in packages.items()
            if package not in result and frontier & set(dependencies)
        }
        result |= frontier
    return sorted(result)
