"""The network: places and directed, weighted connections."""


class Network:
    """Directed graph with non-negative costs."""

    def __init__(self, connections=()):
        self._edges = {}
        for start, end, cost in connections:
            self.connect(start, end, cost)

    def connect(self, start, end, cost):
        """Add a connection; a cheaper parallel one replaces the old cost."""
        if cost < 0:
            raise ValueError(f"negative cost: {start} -> {end}")
        self._edges.setdefault(end, {})
        edges = self._edges.setdefault(start, {})
        edges[end] = min(cost, edges.get(end, cost))

    def connect_both(self, a, b, cost):
        """Add the connection in both directions."""
        self.connect(a, b, cost)
        self.connect(b, a, cost)

    def __contains__(self, place):
        return place in self._edges

    def places(self):
        """All places, in the order in which they first appeared as a start or an end."""
        return list(self._edges)

    def connections(self):
        """All connections as ``(start, end, cost)``."""
        for start, edges in self._edges.items():
            for end, cost in edges.items():
                yield start, end, cost

    def neighbours(self, place):
        """Pairs of neighbouring place and cost, in the order they were added."""
        return self._edges[place].items()

    def cost(self, path):
        """Total cost of a path given as a sequence of places."""
        return sum(self._edges[a][b] for a, b in zip(path, path[1:]))
