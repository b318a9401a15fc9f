"""Headings that are numbered with Roman numerals."""

import re

from roman.convert import InvalidNumeral, from_roman

_HEADING = re.compile(r"([A-Za-z]+)\.\s+(\S.*)")


def parse_outline(text):
    """Pairs of chapter number and title for the lines that are headings.

    Lines that merely look like a heading ("etc. and so on") are skipped.
    """
    headings = []
    for line in text.splitlines():
        match = _HEADING.fullmatch(line.strip())
        if match is None:
            continue
        try:
            number = from_roman(match.group(1))
        except InvalidNumeral:
            continue
        headings.append((number, match.group(2)))
    return headings
