"""The row of page numbers below a list."""

GAP = "..."


def navigation(page, around=1):
    """Page numbers and gaps, for example ``[1, '...', 4, 5, 6, '...', 9]``.

    The first and the last page are always shown, and ``around`` pages on
    either side of the current one. A gap of a single page is filled.
    """
    wanted = {1, page.page_count}
    wanted |= set(range(page.number - around, page.number + around + 1))
    shown = sorted(n for n in wanted if 1 <= n <= page.page_count)
    row = []
    for number in shown:
        if row:
            missing = number - row[-1] - 1
            if missing == 1:
                row.append(number - 1)
            elif missing > 1:
                row.append(GAP)
        row.append(number)
    return row


def render_text(page):
    """The navigation as a line of text, with the current page in brackets."""
    parts = [
        f"[{entry}]" if entry == page.number else str(entry)
        for entry in navigation(page)
    ]
    before = "< " if page.has_previous else ""
    after = " >" if page.has_next else ""
    return before + " ".join(parts) + after
