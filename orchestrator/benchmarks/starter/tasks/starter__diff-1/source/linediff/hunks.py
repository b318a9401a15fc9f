"""Grouping a comparison into hunks."""


def hunks(ops, context=3):
    """Slices of ``ops``: the changes with ``context`` lines around them."""
    if context < 0:
        raise ValueError("context must not be negative")
    groups = []
    for first, last in _runs(ops):
        start = max(0, first - context)
        end = min(len(ops), last + 1 + context)
        groups.append(ops[start:end])
    return groups


def _runs(ops):
    """First and last index of every run of changed lines."""
    runs = []
    for index, op in enumerate(ops):
        if op.tag == " ":
            continue
        if runs and runs[-1][1] == index - 1:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return runs
