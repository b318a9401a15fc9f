"""Writing a comparison down in the unified format."""

from linediff.align import align
from linediff.hunks import hunks


def unified(old, new, old_name="old", new_name="new", context=3):
    """The unified diff of two texts; an empty string if they are equal."""
    groups = hunks(align(old.splitlines(), new.splitlines()), context)
    if not groups:
        return ""
    lines = [f"--- {old_name}", f"+++ {new_name}"]
    for group in groups:
        lines.append(_header(group))
        lines += [op.tag + op.text for op in group]
    return "\n".join(lines) + "\n"


def _header(group):
    old_count = sum(op.tag != "+" for op in group)
    new_count = sum(op.tag != "-" for op in group)
    old_span = _span(group[0].old, old_count)
    new_span = _span(group[0].new, new_count)
    return f"@@ -{old_span} +{new_span} @@"


def _span(start, count):
    if count == 1:
        return f"{start + 1}"
    return f"{start + 1 if count else start},{count}"
