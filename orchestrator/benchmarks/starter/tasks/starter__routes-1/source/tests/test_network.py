import pytest

from routes import Network


def test_negative_cost():
    with pytest.raises(ValueError):
        Network([("a", "b", -1)])


def test_parallel_connection_keeps_the_cheaper():
    network = Network([("a", "b", 5), ("a", "b", 3), ("a", "b", 4)])
    assert network.cost(["a", "b"]) == 3


def test_connect_both():
    network = Network()
    network.connect_both("a", "b", 2)
    assert network.cost(["a", "b", "a"]) == 4
