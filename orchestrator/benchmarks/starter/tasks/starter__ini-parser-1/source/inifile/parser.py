"""From text to a Document."""

from inifile.document import Document
from inifile.errors import ParseError

COMMENT_MARKS = ("#", ";")


def loads(text):
    """Parse INI text. Raises ParseError with the offending line number."""
    document = Document()
    section = ""
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith(COMMENT_MARKS):
            continue
        if line.startswith("["):
            section = _section_name(line, number)
            document.section(section)
            continue
        key, value = _key_and_value(line, number)
        document.section(section)[key] = value
    return document


def _section_name(line, number):
    if not line.endswith("]"):
        raise ParseError(f"section header is not closed: {line}", number)
    name = line[1:-1].strip()
    if not name:
        raise ParseError("section name is empty", number)
    return name


def _key_and_value(line, number):
    if "=" not in line:
        raise ParseError(f"expected 'key = value': {line}", number)
    key, value = line.split("=")
    key = key.strip()
    if not key:
        raise ParseError("key is empty", number)
    return key, _unquote(value.strip())


def _unquote(value):
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value
