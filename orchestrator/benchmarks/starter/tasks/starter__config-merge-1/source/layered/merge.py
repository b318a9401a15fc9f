"""Combining nested dictionaries."""

DELETE = object()
"""As a value in an override: remove the key."""


def deep_merge(base, override):
    """A new dictionary with ``override`` laid over ``base``.

    Dictionaries are merged key by key, everything else (lists, too) is
    replaced. Neither argument is changed.
    """
    result = dict(base)
    for key, value in override.items():
        if value is DELETE:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = deep_merge(result[key], value)
        else:
            result[key] = value
    return result
