"""Conversion between integers and Roman numerals from 1 to 3999."""

SYMBOLS = (
    ("M", 1000),
    ("CM", 900),
    ("D", 500),
    ("CD", 400),
    ("C", 100),
    ("XC", 90),
    ("L", 50),
    ("XL", 40),
    ("X", 10),
    ("IX", 9),
    ("V", 5),
    ("IV", 4),
    ("I", 1),
)
VALUES = {symbol: value for symbol, value in SYMBOLS if len(symbol) == 1}
LARGEST = 3999


class InvalidNumeral(ValueError):
    """The text is not a Roman numeral in its standard form."""


def to_roman(number):
    """The standard numeral of an integer between 1 and 3999."""
    if not 1 <= number <= LARGEST:
        raise ValueError(f"out of range: {number}")
    parts = []
    for symbol, value in SYMBOLS:
        count, number = divmod(number, value)
        parts.append(symbol * count)
    return "".join(parts)


def from_roman(text):
    """The integer a numeral stands for; upper and lower case are accepted.

    Only the standard form of a number is a numeral. Everything else raises
    InvalidNumeral.
    """
    numeral = text.strip().upper()
    if not numeral or any(char not in VALUES for char in numeral):
        raise InvalidNumeral(f"not a Roman numeral: {text!r}")
    total = 0
    previous = 0
    for char in reversed(numeral):
        value = VALUES[char]
        if value < previous:
            total -= value
        else:
            total += value
            previous = value
    return total
