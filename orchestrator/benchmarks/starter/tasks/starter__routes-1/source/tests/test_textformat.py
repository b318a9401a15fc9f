import pytest

from routes import dump, load, spanning_tree

TEXT = """
# around the lake
Old Town - Harbour: 4
Harbour > Beach: 2.5  # one way
Beach - Old Town: 7
"""


def test_load():
    network = load(TEXT)
    assert network.places() == ["Harbour", "Old Town", "Beach"]
    assert network.cost(["Old Town", "Harbour", "Beach"]) == 6.5


def test_round_trip():
    text = dump(load(TEXT))
    assert text.splitlines()[0] == "Beach > Old Town: 7"
    assert dump(load(text)) == text


def test_bad_line():
    with pytest.raises(ValueError, match="line 2"):
        load("a - b: 1\na = b: 2\n")


def test_spanning_tree():
    tree = spanning_tree(load(TEXT))
    assert [cost for cost, _, _ in tree] == [2.5, 4]


def test_spanning_forest():
    assert len(spanning_tree(load("a - b: 1\nc - d: 1\n"))) == 2
