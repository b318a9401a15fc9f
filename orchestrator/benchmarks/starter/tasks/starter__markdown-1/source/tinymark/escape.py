"""HTML escaping."""

_REPLACEMENTS = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"))


def escape(text):
    """``text`` with the characters that are special in HTML replaced."""
    for char, entity in _REPLACEMENTS:
        text = text.replace(char, entity)
    return text
