"""Dotted paths such as ``server.tls.port``."""


def get_path(data, path):
    """The value at a dotted path; raises KeyError naming the whole path."""
    node = data
    for part in path.split("."):
        if not isinstance(node, dict) or part not in node:
            raise KeyError(path)
        node = node[part]
    return node


def set_path(data, path, value):
    """Store a value at a dotted path, making dictionaries on the way."""
    *parents, last = path.split(".")
    node = data
    for part in parents:
        child = node.get(part)
        if not isinstance(child, dict):
            child = node[part] = {}
        node = child
    node[last] = value
