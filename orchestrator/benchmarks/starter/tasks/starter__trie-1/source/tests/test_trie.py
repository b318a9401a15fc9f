import pytest

from wordtrie import Trie


def test_add_and_contains():
    trie = Trie(["car", "cart"])
    assert "car" in trie and "cart" in trie
    assert "ca" not in trie and "carts" not in trie
    assert len(trie) == 2


def test_iteration_is_sorted():
    assert list(Trie(["b", "a", "ab"])) == ["a", "ab", "b"]


def test_remove():
    trie = Trie(["tea", "ten"])
    trie.remove("tea")
    assert list(trie) == ["ten"]
    assert len(trie) == 1


def test_remove_frees_memory():
    before = Trie(["to"]).count_nodes()
    trie = Trie(["to", "zebra"])
    trie.remove("zebra")
    assert trie.count_nodes() == before


def test_remove_unknown_word():
    trie = Trie(["tea"])
    for word in ("t", "teas", "x"):
        with pytest.raises(KeyError):
            trie.remove(word)
    assert "tea" in trie


def test_empty_word():
    with pytest.raises(ValueError):
        Trie([""])
