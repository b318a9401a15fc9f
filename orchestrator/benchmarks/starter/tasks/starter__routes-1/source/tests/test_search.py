import pytest

from routes import Network, NoRoute, cheapest_route, reachable


def test_direct():
    assert cheapest_route(Network([("a", "b", 7)]), "a", "b") == (7, ["a", "b"])


def test_two_ways():
    network = Network([("a", "b", 1), ("a", "c", 4), ("b", "d", 1), ("c", "d", 1)])
    assert cheapest_route(network, "a", "d") == (2, ["a", "b", "d"])


def test_start_is_goal():
    assert cheapest_route(Network([("a", "b", 1)]), "a", "a") == (0, ["a"])


def test_no_route():
    with pytest.raises(NoRoute):
        cheapest_route(Network([("a", "b", 1)]), "b", "a")


def test_unknown_place():
    with pytest.raises(KeyError):
        cheapest_route(Network([("a", "b", 1)]), "a", "z")


def test_reachable():
    network = Network([("a", "b", 1), ("b", "c", 1), ("d", "a", 1)])
    assert reachable(network, "a") == {"a", "b", "c"}
