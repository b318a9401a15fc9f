"""Pages of a sequence."""

from dataclasses import dataclass


class PageNotFound(LookupError):
    """There is no page with that number."""


@dataclass(frozen=True)
class Page:
    """One page. ``number`` counts from 1, ``first`` is the index of its first item."""

    number: int
    first: int
    items: tuple
    page_count: int

    @property
    def has_next(self):
        """Whether there is a page after this one."""
        return self.number < self.page_count

    @property
    def has_previous(self):
        """Whether there is a page before this one."""
        return self.number > 1

    def describe(self):
        """Text such as ``11-20`` for the header of the page."""
        if not self.items:
            return "no items"
        return f"{self.first + 1}-{self.first + len(self.items)}"


class Paginator:
    """Cuts ``items`` into pages of ``size``; an empty list has one empty page."""

    def __init__(self, items, size=10):
        if size < 1:
            raise ValueError("size must be at least 1")
        self.items = tuple(items)
        self.size = size

    @property
    def page_count(self):
        """Number of pages, at least 1."""
        return len(self.items) // self.size + 1

    def page(self, number):
        """The page with that number; raises PageNotFound."""
        if not 1 <= number <= self.page_count:
            raise PageNotFound(f"page {number} of {self.page_count}")
        first = (number - 1) * self.size
        items = self.items[first : first + self.size]
        return Page(number, first, items, self.page_count)

    def page_of(self, item):
        """The page that shows ``item``; raises ValueError if there is none."""
        return self.page(self.items.index(item) // self.size + 1)

    def __iter__(self):
        for number in range(1, self.page_count + 1):
            yield self.page(number)
