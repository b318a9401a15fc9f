"""Text to rows."""

from minicsv.dialect import Dialect


class CSVError(ValueError):
    """The text is not valid CSV."""


def read_rows(text, dialect=Dialect()):
    """All rows of ``text`` as lists of strings. Empty lines are skipped."""
    rows = []
    row, field = [], []
    quoted = False
    for char in text:
        if quoted:
            if char == dialect.quote:
                quoted = False
            else:
                field.append(char)
        elif char == dialect.quote:
            quoted = True
        elif char == dialect.delimiter:
            row.append("".join(field))
            field = []
        elif char == "\n":
            _finish(rows, row, field)
            row, field = [], []
        elif char != "\r":
            field.append(char)
    if quoted:
        raise CSVError("quote is never closed")
    _finish(rows, row, field)
    return rows


def _finish(rows, row, field):
    if row or field:
        rows.append([*row, "".join(field)])


def read_dicts(text, dialect=Dialect()):
    """Rows as dictionaries, keyed by the fields of the first row."""
    rows = read_rows(text, dialect)
    if not rows:
        return []
    header, *body = rows
    result = []
    for number, row in enumerate(body, start=2):
        if len(row) != len(header):
            raise CSVError(
                f"row {number} has {len(row)} fields, the header has {len(header)}"
            )
        result.append(dict(zip(header, row)))
    return result
