"""Cheapest routes in a directed network."""

from routes.network import Network
from routes.search import NoRoute, cheapest_route, reachable
from routes.spanning import spanning_tree
from routes.textformat import dump, load

__all__ = [
    "Network",
    "NoRoute",
    "cheapest_route",
    "dump",
    "load",
    "reachable",
    "spanning_tree",
]
