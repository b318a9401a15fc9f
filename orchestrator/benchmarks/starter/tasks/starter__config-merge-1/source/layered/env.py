"""Settings from environment variables."""

from layered.paths import set_path

_WORDS = {"true": True, "false": False, "null": None}


def parse_value(text):
    """A value from its text: boolean, null, number or the text itself."""
    lowered = text.strip().lower()
    if lowered in _WORDS:
        return _WORDS[lowered]
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text


def from_environment(environ, prefix):
    """Nested settings from variables such as ``APP_SERVER__PORT``."""
    result = {}
    for name in sorted(environ):
        if name.startswith(prefix + "_"):
            path = name[len(prefix) + 1 :].lower().replace("__", ".")
            set_path(result, path, parse_value(environ[name]))
    return result
