"""The cheapest set of connections that keeps everything connected."""


class _Groups:
    """Disjoint groups of places (union-find with path halving)."""

    def __init__(self, places):
        self._parent = {place: place for place in places}

    def find(self, place):
        """The representative of the group of ``place``."""
        while self._parent[place] != place:
            self._parent[place] = self._parent[self._parent[place]]
            place = self._parent[place]
        return place

    def join(self, a, b):
        """Join two groups; returns False if they were the same already."""
        a, b = self.find(a), self.find(b)
        self._parent[a] = b
        return a != b


def spanning_tree(network):
    """Connections of a cheapest spanning forest, as ``(cost, start, end)``.

    Directions are ignored. Ties are broken by the names of the places, so
    they have to be comparable.
    """
    groups = _Groups(network.places())
    ordered = sorted((cost, a, b) for a, b, cost in network.connections())
    return [(cost, a, b) for cost, a, b in ordered if groups.join(a, b)]
