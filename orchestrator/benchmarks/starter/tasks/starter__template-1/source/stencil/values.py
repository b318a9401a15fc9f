"""Looking up values."""

from stencil.errors import TemplateError

FILTERS = {
    "upper": lambda value: str(value).upper(),
    "lower": lambda value: str(value).lower(),
    "trim": lambda value: str(value).strip(),
    "length": len,
    "join": lambda value: ", ".join(str(item) for item in value),
}


def lookup(expression, scope):
    """The value of ``path | filter | filter``; raises TemplateError."""
    path, *filters = [part.strip() for part in expression.split("|")]
    first, *rest = path.split(".")
    if first not in scope:
        raise TemplateError(f"unknown name: {first}")
    value = scope[first]
    for part in rest:
        value = _member(value, part, path)
    for name in filters:
        if name not in FILTERS:
            raise TemplateError(f"unknown filter: {name}")
        value = FILTERS[name](value)
    return value


def _member(value, part, path):
    if isinstance(value, dict) and part in value:
        return value[part]
    if not part.startswith("_") and hasattr(value, part):
        return getattr(value, part)
    raise TemplateError(f"nothing called {part!r} in {path}")


def truth(expression, scope):
    """The truth of ``path`` or ``not path``; unknown names are false."""
    negate = expression.startswith("not ")
    path = expression[4:] if negate else expression
    try:
        value = bool(lookup(path, scope))
    except TemplateError:
        value = False
    return value != negate
