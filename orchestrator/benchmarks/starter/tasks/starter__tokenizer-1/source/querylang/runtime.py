"""Applying a query to records."""

import operator

from querylang.parser import parse

_OPERATORS = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "~": lambda value, part: str(part) in str(value),
}


def select(records, query):
    """The records (dictionaries) that meet the query, in order."""
    tree = parse(query)
    return [record for record in records if _holds(tree, record)]


def _holds(tree, record):
    kind = tree[0]
    if kind == "and":
        return _holds(tree[1], record) and _holds(tree[2], record)
    if kind == "or":
        return _holds(tree[1], record) or _holds(tree[2], record)
    if kind == "not":
        return not _holds(tree[1], record)
    _, field, op, value = tree
    return field in record and bool(_OPERATORS[op](record[field], value))
