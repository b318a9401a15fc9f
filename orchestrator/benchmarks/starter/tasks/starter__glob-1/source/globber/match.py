"""Matching paths."""

from globber.translate import compile_pattern


def normalize(path):
    """``path`` with forward slashes and without a leading ``./``."""
    path = path.replace("\\", "/")
    while path.startswith("./"):
        path = path[2:]
    return path


def matches(pattern, path):
    """Whether the whole path matches the pattern."""
    return compile_pattern(pattern).fullmatch(normalize(path)) is not None


def filter_paths(paths, include=("**",), exclude=()):
    """Paths that match one of ``include`` and none of ``exclude``, in order."""
    return [
        path
        for path in paths
        if any(matches(pattern, path) for pattern in include)
        and not any(matches(pattern, path) for pattern in exclude)
    ]
