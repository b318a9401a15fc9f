"""Searches over a network."""

import heapq
from itertools import count


class NoRoute(Exception):
    """There is no way from one place to the other."""


def cheapest_route(network, start, goal):
    """The cheapest way as ``(cost, [start, ..., goal])``.

    Raises KeyError for an unknown place and NoRoute if there is no way.
    """
    for place in (start, goal):
        if place not in network:
            raise KeyError(place)
    order = count()
    frontier = [(0, next(order), start)]
    came_from = {start: None}
    while frontier:
        cost, _, place = heapq.heappop(frontier)
        if place == goal:
            return cost, _walk_back(came_from, goal)
        for neighbour, step in network.neighbours(place):
            if neighbour not in came_from:
                came_from[neighbour] = place
                heapq.heappush(frontier, (cost + step, next(order), neighbour))
    raise NoRoute(f"{start} -> {goal}")


def _walk_back(came_from, goal):
    path = [goal]
    while came_from[path[-1]] is not None:
        path.append(came_from[path[-1]])
    return path[::-1]


def reachable(network, start):
    """All places that can be reached from ``start``, itself included."""
    seen = {start}
    stack = [start]
    while stack:
        for neighbour, _ in network.neighbours(stack.pop()):
            if neighbour not in seen:
                seen.add(neighbour)
                stack.append(neighbour)
    return seen
