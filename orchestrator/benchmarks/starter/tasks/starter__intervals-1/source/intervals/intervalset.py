"""A set of points kept as sorted, disjoint intervals."""

from bisect import bisect_right

from intervals.interval import Interval


class IntervalSet:
    """Sorted disjoint intervals; adding merges, removing cuts."""

    def __init__(self, pairs=()):
        self._items = []
        for start, end in pairs:
            self.add(start, end)

    def __iter__(self):
        return iter(self._items)

    def __len__(self):
        return len(self._items)

    def __eq__(self, other):
        if not isinstance(other, IntervalSet):
            return NotImplemented
        return self._items == other._items

    def __contains__(self, point):
        index = bisect_right([item.start for item in self._items], point) - 1
        return index >= 0 and self._items[index].contains(point)

    def __repr__(self):
        return f"IntervalSet({self.pairs()})"

    def pairs(self):
        """The intervals as a list of ``(start, end)`` tuples."""
        return [(item.start, item.end) for item in self._items]

    def total(self):
        """Number of integers covered by the whole set."""
        return sum(item.length for item in self._items)

    def add(self, start, end):
        """Add ``[start, end)``, merging with everything it touches."""
        new = Interval(start, end)
        kept = []
        for item in self._items:
            if item.touches(new):
                new = new.join(item)
            else:
                kept.append(item)
        kept.append(new)
        self._items = sorted(kept)

    def remove(self, start, end):
        """Remove every point of ``[start, end)`` from the set."""
        cut = Interval(start, end)
        kept = []
        for item in self._items:
            if not item.overlaps(cut):
                kept.append(item)
            elif item.start < cut.start:
                kept.append(Interval(item.start, cut.start))
            elif item.end > cut.end:
                kept.append(Interval(cut.end, item.end))
        self._items = kept

    def gaps(self):
        """The uncovered stretches between neighbouring intervals."""
        return [
            (left.end, right.start)
            for left, right in zip(self._items, self._items[1:])
        ]
