"""Cheapest routes in a directed network."""

from routes.network import Network
from routes.search import NoRoute, cheapest_route, reachable

__all__ = ["Network", "NoRoute", "cheapest_route", "reachable"]
