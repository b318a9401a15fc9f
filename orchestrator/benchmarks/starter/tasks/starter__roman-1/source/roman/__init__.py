"""Roman numerals."""

from roman.convert import InvalidNumeral, from_roman, to_roman
from roman.outline import parse_outline

__all__ = ["InvalidNumeral", "from_roman", "parse_outline", "to_roman"]
