"""Rows to text."""

from minicsv.dialect import Dialect


def write_rows(rows, dialect=Dialect()):
    """CSV text of ``rows``, each line ended by a newline."""
    return "".join(_line(row, dialect) for row in rows)


def _line(row, dialect):
    return dialect.delimiter.join(_field(str(f), dialect) for f in row) + "\n"


def _field(field, dialect):
    if not dialect.needs_quotes(field):
        return field
    quote = dialect.quote
    return quote + field.replace(quote, quote * 2) + quote
